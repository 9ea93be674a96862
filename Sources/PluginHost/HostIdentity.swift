/// What this host calls itself towards plugins and people.
public enum HostIdentity {
    public static let name = "zoo"
    public static let version = "0.1.0"
}
