internal import Kernels

/// Where and how operations run: on whose threads, from which memory, and whether they are recorded for derivatives.
///
/// One thread at a time uses an execution; `run` makes it the current one of the calling thread, and every operation
/// uses the current one. Results are the same bits whatever the host's threads do: work is cut into pieces by the shapes
/// alone, every piece is computed by one thread, and what pieces add up is added in the order of the pieces.
///
/// **Memory failure.** Operations do not throw. When memory is refused, by the system or by `memoryLimit`, the execution
/// fails: from there on no kernel runs, tensors are made without memory behind them, and values read from them are NaN.
/// `run` then throws `ExecutionError.outOfMemory`, whatever its body returned, so that nothing computed from the hollow
/// tensors gets out. Gradient memory bound to leaves may hold a part of the gradient by then.
public final class Execution {
    /// One piece of work: its argument, and which piece.
    public typealias Task = @convention(c) (UnsafeMutableRawPointer?, UInt64) -> Void
    /// `parallel_for` of the host: runs `task(argument, i)` once for each `i` in `0 ..< count`, in any order, on any
    /// threads, and returns when all have run.
    public typealias ParallelFor =
        @convention(c) (
            _ context: UnsafeMutableRawPointer?, _ count: UInt64, _ task: Task, _ argument: UnsafeMutableRawPointer?
        ) -> Void

    private let parallelFor: ParallelFor?
    private let context: UnsafeMutableRawPointer?
    private let shouldCancel: () -> Bool
    private var isInsideTask = false
    private var depth = 0
    private(set) var failure: ExecutionError?
    private var lastNodeNumber = 0
    private var discarded: [Node.Content] = []
    private var isDiscarding = false
    let pool = MemoryPool()

    /// Whether operations on tensors that require gradients remember how to derive them.
    public var isRecording = true
    /// Fills fresh memory with NaN, so that a value read before it was written shows. For tests.
    public var poisonsFreshMemory = false

    /// - Parameters:
    ///   - parallelFor: the host's threads; nil runs everything on the calling thread.
    ///   - context: passed to `parallelFor`.
    ///   - poisonsFreshMemory: fill fresh memory with NaN (tests).
    ///   - shouldCancel: asked by `isCancelled`.
    public init(
        parallelFor: ParallelFor? = nil, context: UnsafeMutableRawPointer? = nil, poisonsFreshMemory: Bool = false,
        shouldCancel: @escaping () -> Bool = { false }
    ) {
        self.parallelFor = parallelFor
        self.context = context
        self.poisonsFreshMemory = poisonsFreshMemory
        self.shouldCancel = shouldCancel
    }

    // MARK: - The current execution

    /// The execution of the innermost `run` on this thread. Outside of any, a sequential one that belongs to the thread
    /// for good.
    public static var current: Execution {
        if let pointer = zk_current_execution() {
            return Unmanaged<Execution>.fromOpaque(pointer).takeUnretainedValue()
        }
        let execution = Execution()
        zk_set_current_execution(Unmanaged.passRetained(execution).toOpaque())
        return execution
    }

    /// Runs `body` with this execution as the current one of the calling thread.
    /// - Throws: what `body` throws, or `ExecutionError` when memory ran out in it.
    public func run<Result>(_ body: () throws -> Result) throws -> Result {
        let previous = zk_current_execution()
        zk_set_current_execution(Unmanaged.passUnretained(self).toOpaque())
        depth += 1
        defer {
            depth -= 1
            zk_set_current_execution(previous)
            if depth == 0 { failure = nil }
        }
        let result = try withExtendedLifetime(self) { try body() }
        if let failure { throw failure }
        return result
    }

    /// Runs `body` with recording off: no graph is made, nothing is kept for derivatives.
    public static func withoutRecording<Result>(_ body: () throws -> Result) rethrows -> Result {
        try current.recording(false, body)
    }

    /// Runs `body` with recording on, for models whose forward pass takes gradients of their own.
    public static func withRecording<Result>(_ body: () throws -> Result) rethrows -> Result {
        try current.recording(true, body)
    }

    func recording<Result>(_ isOn: Bool, _ body: () throws -> Result) rethrows -> Result {
        let previous = isRecording
        isRecording = isOn
        defer { isRecording = previous }
        return try body()
    }

    /// Whether the host wants the work to stop. Operations never look: entry points of models ask between layers.
    public var isCancelled: Bool { shouldCancel() }

    // MARK: - Memory

    /// The most bytes that tensors may hold at once; more fails the execution. Unlimited at first.
    public var memoryLimit: Int {
        get { pool.byteLimit }
        set { pool.byteLimit = newValue }
    }
    /// Bytes that tensors hold now.
    public var bytesInUse: Int { pool.bytesInUse }
    /// The most bytes that tensors ever held.
    public var peakBytesInUse: Int { pool.peakBytesInUse }
    /// Bytes kept for reuse.
    public var bytesKept: Int { pool.bytesKept }
    /// Gives the memory kept for reuse back to the system.
    public func releaseKeptMemory() { pool.releaseKeptBlocks() }

    /// Undefined (or poisoned) memory for a tensor; hollow when there is none or the execution has failed.
    func storage(byteCount: Int) -> Storage {
        guard failure == nil else { return .hollow }
        guard let pointer = pool.allocate(byteCount) else {
            fail(requestedBytes: byteCount)
            return .hollow
        }
        if poisonsFreshMemory { Self.poison(pointer, byteCount) }
        return Storage(pointer: pointer, byteCount: byteCount, pool: pool)
    }

    func fail(requestedBytes: Int) {
        precondition(
            depth > 0, "out of memory (\(requestedBytes) bytes) outside of Execution.run, where nobody can be told")
        failure = failure ?? .outOfMemory(requestedBytes: requestedBytes, bytesInUse: pool.bytesInUse)
    }

    private static func poison(_ pointer: UnsafeMutableRawPointer, _ byteCount: Int) {
        pointer.initializeMemory(as: UInt8.self, repeating: 0xFF, count: byteCount)  // all ones is a NaN in both types
    }

    // MARK: - Pieces

    /// Runs `body(i)` once for each `i` in `0 ..< count`, in any order, on the host's threads. Inside a piece, further
    /// pieces run one after the other. Does nothing when the execution has failed: all access to the memory of tensors
    /// goes through here.
    public func parallel(count: Int, body: (Int) -> Void) {
        guard failure == nil else { return }
        guard count > 1, let parallelFor, !isInsideTask else {
            for index in 0..<max(0, count) { body(index) }
            return
        }
        isInsideTask = true
        defer { isInsideTask = false }
        withoutActuallyEscaping(body) { body in
            withUnsafePointer(to: Piece(body: body)) { pointer in
                parallelFor(
                    context, UInt64(count),
                    { argument, index in argument?.assumingMemoryBound(to: Piece.self).pointee.body(Int(index)) },
                    UnsafeMutableRawPointer(mutating: pointer))
            }
        }
    }

    private struct Piece { let body: (Int) -> Void }

    /// As `parallel(count:body:)`, each piece with `scratchBytes` of undefined (or poisoned) memory of its own. There are
    /// as many such blocks as pieces run at once, not as many as there are pieces.
    func parallel(count: Int, scratchBytes: Int, body: (Int, UnsafeMutableRawPointer) -> Void) {
        parallel(count: count) { [pool, poisonsFreshMemory] index in
            guard let scratch = pool.allocate(scratchBytes) else { return pool.noteRefusal(scratchBytes) }
            if poisonsFreshMemory { Self.poison(scratch, scratchBytes) }
            body(index, scratch)
            pool.free(scratch, scratchBytes)
        }
        if let refused = pool.takeRefusal() { fail(requestedBytes: refused) }
    }

    /// Cuts `0 ..< count` into ranges of `size` (the last may be shorter) and runs `body` on each.
    func inRanges(_ count: Int, of size: Int, _ body: (Range<Int>) -> Void) {
        guard failure == nil else { return }  // then `count` may be beyond arithmetic
        parallel(count: (count + size - 1) / size) { piece in
            body(piece * size..<min(count, (piece + 1) * size))
        }
    }

    // MARK: - Graph

    /// Numbers nodes in the order in which they were made: parents before children, even across executions.
    func nextNodeNumber(after parents: [Node?]) -> Int {
        lastNodeNumber = parents.reduce(lastNodeNumber) { max($0, $1?.number ?? 0) } + 1
        return lastNodeNumber
    }

    /// Lets go of a dead node's content. Dropping it may kill its parents in turn; they queue up here instead of nesting,
    /// since a graph may be deeper than the stack.
    func discard(_ content: consuming Node.Content) {
        discarded.append(consume content)
        guard !isDiscarding else { return }
        isDiscarding = true
        while !discarded.isEmpty { _ = discarded.removeLast() }
        isDiscarding = false
    }
}
