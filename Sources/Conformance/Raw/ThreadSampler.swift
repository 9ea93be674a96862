import Glibc
import Synchronization

/// A thread that counts the threads of the process again and again, itself included.
final class ThreadSampler {
    private final class Shared: Sendable {
        let most = Atomic<Int>(0)
        let samples = Atomic<Int>(0)
        let isOver = Atomic<Bool>(false)
    }
    private let shared = Shared()
    private var thread = pthread_t()
    private var isRunning = false

    init() {
        let context = Unmanaged.passRetained(shared)
        let status = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                let shared = Unmanaged<Shared>.fromOpaque(context).takeRetainedValue()
                while !shared.isOver.load(ordering: .acquiring) {
                    let count = ProcessSnapshot.threadCount()
                    if count > shared.most.load(ordering: .relaxed) { shared.most.store(count, ordering: .relaxed) }
                    shared.samples.wrappingAdd(1, ordering: .relaxed)
                    usleep(50)
                }
                return nil
            }, context.toOpaque())
        isRunning = status == 0
        if !isRunning { context.release() }
    }

    deinit { end() }

    /// Most threads at once so far.
    var most: Int { shared.most.load(ordering: .relaxed) }
    var samples: Int { shared.samples.load(ordering: .relaxed) }

    func end() {
        guard isRunning else { return }
        isRunning = false
        shared.isOver.store(true, ordering: .releasing)
        pthread_join(thread, nil)
    }
}
