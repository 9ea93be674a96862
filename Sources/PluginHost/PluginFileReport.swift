/// What `PluginFile.inspect` found out about a file without loading it.
public struct PluginFileReport: Sendable, Equatable {
    /// Absolute, symbolic links resolved.
    public let path: String
    public let byteCount: Int
    /// Device and inode: what makes it the same file under another name.
    public let identity: PluginFileIdentity
    /// "x86-64"
    public let machine: String
}
