import FoundationEssentials
import Glibc
public import Logging
public import SequenceModel
import Synchronization

/// Threads of the host that plugins borrow through `parallelFor`. The caller works too, so that `threads` run in all.
///
/// Which thread runs which piece is left to chance; a result must not depend on it. One `parallelFor` runs at a time:
/// a second caller, or a task that calls again, gets its pieces run one after another on its own thread.
public final class ThreadPool: HostServices, Sendable {
    /// The caller's thread and those that were started: fewer than were asked for where the system refused some.
    public let maximumConcurrency: Int
    private let crew: ThreadCrew
    private let threads: [pthread_t]
    private let cancelled = Atomic<Bool>(false)
    private let logger: Logger
    private let onProgress: (@Sendable (Double) -> Void)?

    /// Bytes of stack of each thread; the contract promises plugins 512 KiB.
    private static let stackSize = 8 << 20

    /// - Parameters:
    ///   - threads: at least 1; 1 starts no thread and runs everything inline.
    ///   - logger: where plugins' messages go.
    ///   - onProgress: told how far a long call is, 0 to 1, on the thread that is in the call.
    public init(
        threads: Int, logger: Logger = Logger(label: "plugin"), onProgress: (@Sendable (Double) -> Void)? = nil
    ) {
        let wanted = max(threads, 1)
        let crew = ThreadCrew()
        // Threads that cannot be started are done without.
        let started = (1 ..< wanted).compactMap { _ in ThreadPool.start(crew) }
        self.crew = crew
        self.threads = started
        maximumConcurrency = started.count + 1
        self.logger = logger
        self.onProgress = onProgress
    }

    deinit {
        crew.dismiss()
        for thread in threads { pthread_join(thread, nil) }
    }

    /// Processors that this process may use.
    public static var processorCount: Int { max(ProcessInfo.processInfo.activeProcessorCount, 1) }

    /// Runs everything on the caller's thread when the pool is busy or has one thread. Returns when the last piece is done, so
    /// `argument` may point to the caller's stack.
    public func parallelFor(
        _ count: Int, _ task: @convention(c) (UnsafeMutableRawPointer?, UInt64) -> Void,
        _ argument: UnsafeMutableRawPointer?
    ) {
        if count > 1, !threads.isEmpty, crew.run(count, task, argument) { return }
        for index in 0 ..< UInt64(max(count, 0)) { task(argument, index) }
    }

    /// Makes running and later calls into plugins stop with `.cancelled`. From any thread, and from a signal handler.
    public func cancel() { cancelled.store(true, ordering: .relaxed) }

    /// Takes `cancel` back.
    public func allowAgain() { cancelled.store(false, ordering: .relaxed) }

    /// True after `cancel`, and once the user asked the process to stop.
    public var shouldCancel: Bool { cancelled.load(ordering: .relaxed) || Interruption.isRequested }

    /// To the logger at the level of the same name. From any thread.
    public func log(_ severity: LogSeverity, _ text: String) {
        let level: Logger.Level =
            switch severity {
            case .debug: .debug
            case .information: .info
            case .warning: .warning
            case .error: .error
            }
        logger.log(level: level, "\(text)")
    }

    /// Passed on to `onProgress` on the calling thread. From any thread.
    public func progress(_ fraction: Double) { onProgress?(fraction) }

    private static func start(_ crew: ThreadCrew) -> pthread_t? {
        var attributes = pthread_attr_t()
        guard pthread_attr_init(&attributes) == 0 else { return nil }
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setstacksize(&attributes, stackSize)
        // Signals go to the threads of the program, which know what to do with them.
        var everything = sigset_t()
        var before = sigset_t()
        sigfillset(&everything)
        pthread_sigmask(SIG_SETMASK, &everything, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        var thread = pthread_t()
        let context = Unmanaged.passRetained(crew)
        let status = pthread_create(
            &thread, &attributes,
            { context in
                if let context { Unmanaged<ThreadCrew>.fromOpaque(context).takeRetainedValue().work() }
                return nil
            }, context.toOpaque())
        guard status == 0 else {
            context.release()
            return nil
        }
        return thread
    }
}
