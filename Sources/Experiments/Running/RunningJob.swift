/// A job that was started and is looked at now and then.
public protocol RunningJob: AnyObject {
    /// How it ended; nil while it is at work.
    ///
    /// - Parameter progress: told how far it is, when that is new.
    /// - Throws: `ZooError` when that cannot be found out.
    func poll(progress: (JobProgress) -> Void) throws -> JobEnding?

    /// Asks it to end soon; `poll` says when it has. It is interrupted then, unless it came to its end by itself.
    func stop()
}
