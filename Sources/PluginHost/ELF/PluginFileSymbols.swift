/// What the dynamic symbol table and the dynamic segment of a plugin file say, read without loading it.
public struct PluginFileSymbols: Sendable, Equatable {
    /// Names that the file defines and shows the loader, sorted.
    public let exported: [String]
    /// Entries of DT_RUNPATH and DT_RPATH, in order.
    public let runPaths: [String]
    /// Libraries that it needs (DT_NEEDED).
    public let needed: [String]
}
