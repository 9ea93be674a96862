import Glibc

/// Stands around every call into a plugin: writes its name where it is found after a crash, and lets a test look before and after.
final class CallWatch {
    /// Called with the function's name before and after each call.
    var before: ((String) -> Void)?
    var after: ((String) -> Void)?
    /// What a reader of a crash should know besides the function: "parameters are protected against writing".
    var note = ""
    /// Calls that are in progress.
    private(set) var depth = 0
    private(set) var lastCall = ""
    private let page: UnsafeMutableRawBufferPointer?

    /// - Parameter page: shared memory that outlives this process; nil to keep no record.
    init(page: UnsafeMutableRawBufferPointer? = nil) { self.page = page }

    /// Runs one call of the plugin.
    func call<Result>(_ name: String, _ body: () throws -> Result) rethrows -> Result {
        before?(name)
        lastCall = name
        write(note.isEmpty ? name : "\(name) (\(note))")
        depth += 1
        defer {
            depth -= 1
            write("")
            after?(name)
        }
        return try body()
    }

    private func write(_ text: String) {
        guard let page, let base = page.baseAddress else { return }
        let bytes = Array(text.utf8.prefix(page.count - 1)) + [0]
        bytes.withUnsafeBytes { source in
            if let start = source.baseAddress { memcpy(base, start, source.count) }
        }
    }
}
