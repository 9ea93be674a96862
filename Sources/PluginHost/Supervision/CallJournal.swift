import Glibc

/// A page of memory, shared with a process that looks after this one, in which the plugin call that is under way is written down: when this
/// process ends in the middle of one, the other can say which.
///
/// Nothing is written where nobody looks after the process. One call at a time is known: the commands make them one by one; what a
/// call hands to the host's threads is still that call.
public struct CallJournal: @unchecked Sendable {
    /// Bytes of the page.
    public static let byteCount = 4096
    private static let stopOffset = 4
    private static let endOffset = 8
    private static let functionOffset = 16
    private static let modelOffset = 64
    private static let pathOffset = 256
    private let page: UnsafeMutableRawPointer

    /// Where this process writes; nil when nobody reads.
    nonisolated(unsafe) private static var own: UnsafeMutableRawPointer?

    /// Looks at `page`, which has `byteCount` bytes, for as long as it lasts.
    public init(_ page: UnsafeMutableRawPointer) { self.page = page }

    // MARK: The process that is looked after

    /// From here on calls are written down in `journal`, which must last as long as the process.
    public static func write(to journal: CallJournal) { own = journal.page }

    /// Runs a call of a plugin that is called `function`.
    @inline(__always)
    static func during<Result>(_ function: StaticString, _ call: () throws -> Result) rethrows -> Result {
        guard let own else { return try call() }
        enter(function, own)
        defer { own.storeBytes(of: 0, as: UInt32.self) }
        return try call()
    }

    @inline(never)
    private static func enter(_ function: StaticString, _ page: UnsafeMutableRawPointer) {
        let count = min(function.utf8CodeUnitCount, modelOffset - functionOffset - 1)
        memcpy(page + functionOffset, function.utf8Start, count)
        page.storeBytes(of: 0, toByteOffset: functionOffset + count, as: UInt8.self)
        page.storeBytes(of: 1, as: UInt32.self)
    }

    /// The calls that follow are to this model of this plugin.
    static func note(model: String, path: String) {
        guard let own else { return }
        put(model, own, modelOffset, pathOffset - modelOffset)
        put(path, own, pathOffset, byteCount - pathOffset)
    }

    private static func put(_ text: String, _ page: UnsafeMutableRawPointer, _ offset: Int, _ room: Int) {
        var bytes = Array(text.utf8.prefix(room - 1))
        bytes.append(0)
        (page + offset).copyMemory(from: bytes, byteCount: bytes.count)
    }

    /// The process ends because it wants to.
    public static func noteEnd() { own?.storeBytes(of: 1, toByteOffset: endOffset, as: UInt32.self) }

    /// Whether the process that looks after this one was asked to stop.
    static var isStopRequested: Bool { own.map { $0.load(fromByteOffset: stopOffset, as: UInt32.self) != 0 } ?? false }

    // MARK: The process that looks after it

    /// Asks it to stop in order, as a first signal would.
    public func requestStop() { page.storeBytes(of: 1, toByteOffset: CallJournal.stopOffset, as: UInt32.self) }

    /// Whether a plugin is at work.
    public var isInPlugin: Bool { page.load(as: UInt32.self) != 0 }

    /// Whether no model was made yet: plugins were being loaded. The command has done nothing else.
    public var isLoading: Bool { lastCall.map { $0.model.hasPrefix("/") } ?? false }

    /// Whether the process came to an end of its own.
    public var hasEnded: Bool { page.load(fromByteOffset: CallJournal.endOffset, as: UInt32.self) != 0 }

    /// The last call: its function, the model's id and the plugin's path; nil when there was none.
    public var lastCall: (function: String, model: String, path: String)? {
        let function = text(CallJournal.functionOffset, CallJournal.modelOffset)
        guard !function.isEmpty else { return nil }
        return (function, text(CallJournal.modelOffset, CallJournal.pathOffset), text(CallJournal.pathOffset, CallJournal.byteCount))
    }

    private func text(_ begin: Int, _ end: Int) -> String {
        let bytes = UnsafeRawBufferPointer(start: page + begin, count: end - begin)
        return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
}
