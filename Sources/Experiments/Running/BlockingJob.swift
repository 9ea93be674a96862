/// A job whose runner cannot do anything beside it.
final class BlockingJob: RunningJob {
    private let work: ((JobProgress) -> Void) throws -> JobEnding
    private var isStopped = false

    init(_ work: @escaping ((JobProgress) -> Void) throws -> JobEnding) { self.work = work }

    func poll(progress: (JobProgress) -> Void) throws -> JobEnding? { isStopped ? .interrupted : try work(progress) }

    func stop() { isStopped = true }
}
