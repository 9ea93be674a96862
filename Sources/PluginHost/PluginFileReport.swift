/// What `PluginFile.inspect` found out about a file without loading it.
public struct PluginFileReport: Sendable, Equatable {
    /// Absolute, symbolic links resolved.
    public let path: String
    /// Size of the file when it was looked at.
    public let byteCount: Int
    /// Device and inode: what makes it the same file under another name.
    public let identity: PluginFileIdentity
    /// When the file was last written to: nanoseconds since 1970.
    public let modificationTime: Int64
    /// "x86-64"
    public let machine: String
}
