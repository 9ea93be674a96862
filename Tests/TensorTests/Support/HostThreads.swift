import Glibc

@testable import Tensor

/// A host's threads for tests: each call starts `count` threads that take the pieces in turn, last ones first, so
/// that the order differs from the sequential one.
final class HostThreads {
    private let count: Int

    init(_ count: Int) { self.count = count }

    /// An execution on these threads, which the caller keeps alive.
    func execution(poisonsFreshMemory: Bool = false) -> Execution {
        Execution(
            parallelFor: { context, count, task, argument in
                guard let context else { return }
                Unmanaged<HostThreads>.fromOpaque(context).takeUnretainedValue().run(count, task, argument)
            },
            context: Unmanaged.passUnretained(self).toOpaque(), poisonsFreshMemory: poisonsFreshMemory)
    }

    /// What the threads share.
    private struct Job {
        var remaining: UInt64
        var mutex = pthread_mutex_t()
        let task: Execution.Task
        let argument: UnsafeMutableRawPointer?

        mutating func take() -> UInt64? {
            pthread_mutex_lock(&mutex)
            defer { pthread_mutex_unlock(&mutex) }
            guard remaining > 0 else { return nil }
            remaining -= 1
            return remaining
        }
    }

    private func run(_ pieces: UInt64, _ task: Execution.Task, _ argument: UnsafeMutableRawPointer?) {
        let job = UnsafeMutablePointer<Job>.allocate(capacity: 1)
        job.initialize(to: Job(remaining: pieces, task: task, argument: argument))
        pthread_mutex_init(&job.pointee.mutex, nil)
        var threads: [pthread_t] = []
        for _ in 1..<max(1, count) {
            var thread = pthread_t()
            let status = pthread_create(
                &thread, nil,
                { pointer in
                    if let pointer { HostThreads.work(pointer.assumingMemoryBound(to: Job.self)) }
                    return nil
                }, job)
            if status == 0 { threads.append(thread) }
        }
        HostThreads.work(job)
        threads.forEach { pthread_join($0, nil) }
        pthread_mutex_destroy(&job.pointee.mutex)
        job.deinitialize(count: 1)
        job.deallocate()
    }

    private static func work(_ job: UnsafeMutablePointer<Job>) {
        while let piece = job.pointee.take() { job.pointee.task(job.pointee.argument, piece) }
    }
}
