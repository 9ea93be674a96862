/// Finds out how large a model becomes.
public protocol ModelSizer {
    /// - Throws: `ZooError` when nobody could be asked: `.interrupted` when the user asked to stop, `.temporary` when no process can be
    ///   started.
    func size(_ request: SizingRequest) throws -> SizingAnswer
}
