public import SequenceModel

/// What the command line asks a comparison to be.
public struct ComparisonRequest: Sendable {
    /// Parameters to be met within 5 %.
    public var parameters: Int
    /// T
    public var context: Int
    /// B
    public var batch: Int
    /// Steps or minutes of each run; one of the two.
    public var length: Length
    public var seeds: [UInt64]
    public var settings: [SettingOverride]
    /// Keep models whose size is off the budget by more than 5 %, because `--set` changed it.
    public var allowsOtherSizes: Bool
    public var decodeContexts: [Int]
    public var threads: Int
    /// Absolute paths; empty for the built-in corpus.
    public var dataFiles: [String]
    /// Training options by name before `settings`, budget included, as JSON.
    public var training: JSONObject

    public init(
        parameters: Int, context: Int, batch: Int, length: Length, seeds: [UInt64], settings: [SettingOverride] = [],
        allowsOtherSizes: Bool = false, decodeContexts: [Int], threads: Int, dataFiles: [String], training: JSONObject
    ) {
        self.parameters = parameters
        self.context = context
        self.batch = batch
        self.length = length
        self.seeds = seeds
        self.settings = settings
        self.allowsOtherSizes = allowsOtherSizes
        self.decodeContexts = decodeContexts
        self.threads = threads
        self.dataFiles = dataFiles
        self.training = training
    }

    public enum Length: Sendable, Equatable {
        case steps(Int)
        case minutes(Double)
    }
}
