import CSequenceModel

/// Owns an instance of a plugin, its host table and its error buffer. Sessions keep it alive, so that it goes last.
final class PluginInstance {
    let pointer: OpaquePointer
    let functions: sm_plugin
    let errors: ErrorBuffer
    /// Sessions that were opened and not closed.
    var openSessions = 0
    private let host: HostTable

    init(_ pointer: OpaquePointer, functions: sm_plugin, host: HostTable, errors: ErrorBuffer) {
        self.pointer = pointer
        self.functions = functions
        self.host = host
        self.errors = errors
    }

    deinit {
        CallJournal.during("destroy") { functions.destroy?(pointer) }
        // The table must not go before the instance that may call it.
        withExtendedLifetime(host) {}
    }
}
