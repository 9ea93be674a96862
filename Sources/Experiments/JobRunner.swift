/// Runs jobs in their folders and says how they ended; what a job found is in `result.json` there.
public protocol JobRunner {
    /// Returns when the run ended, was stopped because its time was over, or because the user asked.
    ///
    /// - Parameter progress: told now and then how far the run is.
    /// - Throws: `ZooError` when the process cannot be started.
    func run(
        _ job: JobSpecification, in folder: ComparisonFolder.RunFolder, progress: (JobProgress) -> Void
    ) throws -> JobEnding

    /// Starts a job and returns at once, so that several can be at work. A runner that only has `run` does all of the work in the
    /// first `poll`.
    ///
    /// - Throws: `ZooError` when the process cannot be started.
    func start(_ job: JobSpecification, in folder: ComparisonFolder.RunFolder) throws -> any RunningJob
}

extension JobRunner {
    /// Does the work in the first `poll`, for a runner that knows no other way.
    public func start(_ job: JobSpecification, in folder: ComparisonFolder.RunFolder) throws -> any RunningJob {
        BlockingJob { progress in try self.run(job, in: folder, progress: progress) }
    }
}
