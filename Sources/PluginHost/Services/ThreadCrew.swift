import Glibc
import Synchronization

/// What the threads of a `ThreadPool` share: the job at hand and the means to wait for one.
///
/// `state` holds the job's generation (upper 48 bits), whether it takes helpers (`open`) and how many are in it
/// (lower 15 bits). A helper enters by counting itself in while the job is open and leaves by counting itself out;
/// the caller closes the job when no piece is left and waits until nobody is in it. So a helper that wakes late finds
/// a closed job and touches nothing of it, and the fields of a job change only while nobody is inside.
final class ThreadCrew: @unchecked Sendable {
    typealias Task = @convention(c) (UnsafeMutableRawPointer?, UInt64) -> Void

    private static let open: UInt64 = 1 << 15
    private static let helpers: UInt64 = open - 1
    /// How long a thread looks for work, or for the end of it, before it sleeps. Sleeping and waking cost about as
    /// much.
    private static let spinNanoseconds: UInt64 = 50_000

    private let state = Atomic<UInt64>(0)
    private let nextPiece = Atomic<UInt64>(0)
    private let isBusy = Atomic<Bool>(false)
    private let isDismissed = Atomic<Bool>(false)
    private let sleepers = Atomic<Int>(0)
    private let callerSleeps = Atomic<Bool>(false)

    // Written by the caller while no helper is inside; read by helpers after they entered.
    private var task: Task?
    private var argument: UnsafeMutableRawPointer?
    private var pieceCount: UInt64 = 0

    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let workArrived: UnsafeMutablePointer<pthread_cond_t>
    private let workEnded: UnsafeMutablePointer<pthread_cond_t>

    init() {
        mutex = .allocate(capacity: 1)
        workArrived = .allocate(capacity: 1)
        workEnded = .allocate(capacity: 1)
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(workArrived, nil)
        pthread_cond_init(workEnded, nil)
    }

    deinit {
        pthread_mutex_destroy(mutex)
        pthread_cond_destroy(workArrived)
        pthread_cond_destroy(workEnded)
        mutex.deallocate()
        workArrived.deallocate()
        workEnded.deallocate()
    }

    /// Runs the pieces on this thread and the crew's; false, having done nothing, when the crew is at work for
    /// somebody else.
    func run(_ count: Int, _ task: @escaping Task, _ argument: UnsafeMutableRawPointer?) -> Bool {
        guard isBusy.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged else {
            return false
        }
        self.task = task
        self.argument = argument
        pieceCount = UInt64(count)
        nextPiece.store(0, ordering: .relaxed)
        let generation = (state.load(ordering: .relaxed) >> 16) &+ 1
        state.store(generation << 16 | ThreadCrew.open, ordering: .sequentiallyConsistent)
        wakeSleepers()
        runPieces()
        let left = state.bitwiseAnd(~ThreadCrew.open, ordering: .sequentiallyConsistent).newValue
        if left & ThreadCrew.helpers != 0 { waitForHelpers() }
        isBusy.store(false, ordering: .releasing)
        return true
    }

    /// What each thread of the crew does until `dismiss`.
    func work() {
        var lastGeneration: UInt64 = 0
        while !isDismissed.load(ordering: .acquiring) {
            let seen = state.load(ordering: .acquiring)
            if seen & ThreadCrew.open != 0, seen >> 16 != lastGeneration {
                guard
                    state.compareExchange(expected: seen, desired: seen + 1, ordering: .acquiringAndReleasing).exchanged
                else { continue }
                lastGeneration = seen >> 16
                runPieces()
                leave()
            } else {
                waitForWork(after: lastGeneration)
            }
        }
    }

    func dismiss() {
        isDismissed.store(true, ordering: .sequentiallyConsistent)
        pthread_mutex_lock(mutex)
        pthread_cond_broadcast(workArrived)
        pthread_mutex_unlock(mutex)
    }

    private func runPieces() {
        guard let task else { return }
        while true {
            let piece = nextPiece.wrappingAdd(1, ordering: .relaxed).oldValue
            guard piece < pieceCount else { return }
            task(argument, piece)
        }
    }

    private func leave() {
        let left = state.wrappingSubtract(1, ordering: .sequentiallyConsistent).newValue
        guard left & (ThreadCrew.helpers | ThreadCrew.open) == 0,
            callerSleeps.load(ordering: .sequentiallyConsistent)
        else { return }
        pthread_mutex_lock(mutex)
        pthread_cond_signal(workEnded)
        pthread_mutex_unlock(mutex)
    }

    private func wakeSleepers() {
        guard sleepers.load(ordering: .sequentiallyConsistent) > 0 else { return }
        pthread_mutex_lock(mutex)
        pthread_cond_broadcast(workArrived)
        pthread_mutex_unlock(mutex)
    }

    private func waitForHelpers() {
        func isOver() -> Bool { state.load(ordering: .sequentiallyConsistent) & ThreadCrew.helpers == 0 }
        if ThreadCrew.spin(until: isOver) { return }
        pthread_mutex_lock(mutex)
        callerSleeps.store(true, ordering: .sequentiallyConsistent)
        while !isOver() { pthread_cond_wait(workEnded, mutex) }
        callerSleeps.store(false, ordering: .relaxed)
        pthread_mutex_unlock(mutex)
    }

    private func waitForWork(after generation: UInt64) {
        func isNeeded() -> Bool {
            let state = state.load(ordering: .sequentiallyConsistent)
            return (state & ThreadCrew.open != 0 && state >> 16 != generation)
                || isDismissed.load(ordering: .sequentiallyConsistent)
        }
        if ThreadCrew.spin(until: isNeeded) { return }
        pthread_mutex_lock(mutex)
        // Counted before the last look: whoever publishes a job after it sees the sleeper.
        sleepers.wrappingAdd(1, ordering: .sequentiallyConsistent)
        while !isNeeded() { pthread_cond_wait(workArrived, mutex) }
        sleepers.wrappingSubtract(1, ordering: .sequentiallyConsistent)
        pthread_mutex_unlock(mutex)
    }

    /// Looks at `condition` for a while; false when it did not come true.
    private static func spin(until condition: () -> Bool) -> Bool {
        let end = nanoseconds() + spinNanoseconds
        repeat {
            for _ in 0 ..< 64 where condition() { return true }
            // Where threads outnumber processors, the one that is waited for gets its turn.
            sched_yield()
        } while nanoseconds() < end
        return false
    }

    private static func nanoseconds() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
