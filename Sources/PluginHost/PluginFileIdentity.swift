/// What a file is, whatever its name.
public struct PluginFileIdentity: Sendable, Hashable {
    public let device: UInt64
    public let inode: UInt64
}
