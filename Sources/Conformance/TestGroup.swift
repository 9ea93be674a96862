/// What a test is about; the headings of the page that describes them.
public enum TestGroup: String, Sendable, CaseIterable {
    case handshake = "file and handshake"
    case configuration
    case mathematics
    case state
    case manners = "memory and manners"
}
