/// What came of asking a model for a configuration.
public enum SizingAnswer: Sendable, Equatable {
    case sized(SizedModel)
    /// In words, which the user can act on.
    case refused(SizingRefusal)
    /// The plugin crashed, ended its process or gave no answer in time.
    case failed(SizingFailure)
}
