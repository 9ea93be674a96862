/// Runs one job in its folder and says how it ended; what it found is in `result.json` there.
public protocol JobRunner {
    /// Returns when the run ended, was stopped because its time was over, or because the user asked.
    ///
    /// - Parameter progress: told now and then how far the run is.
    /// - Throws: `ZooError` when the process cannot be started.
    func run(
        _ job: JobSpecification, in folder: ComparisonFolder.RunFolder, progress: (JobProgress) -> Void
    ) throws -> JobEnding
}
