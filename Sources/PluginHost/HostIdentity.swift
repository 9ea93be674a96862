/// What this host calls itself towards plugins and people.
public enum HostIdentity {
    /// Of the program: in messages, in hints that are typed, and in the handshake.
    public static let name = "zoo"
    /// Of the program, not of the plugin interface; major, minor, patch.
    public static let version = "0.1.0"
}
