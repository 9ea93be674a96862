/// What a file is, whatever its name.
public struct PluginFileIdentity: Sendable, Hashable {
    /// `st_dev`: the file system.
    public let device: UInt64
    /// `st_ino`: the file in it. Stays when a file is overwritten in place.
    public let inode: UInt64
}
