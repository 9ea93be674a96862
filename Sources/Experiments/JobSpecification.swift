import Crypto
public import Evaluation
import Foundation
import SequenceModel

/// One run of a comparison as its process gets it: `job.json`.
public struct JobSpecification: Codable, Sendable, Equatable {
    /// Names the folder of the run: `mamba-seed-1`.
    public var id: String
    /// Model id.
    public var model: String
    /// For people.
    public var name: String
    /// "transformer", "state-space", …, as the plugin says.
    public var family: String
    /// What its bits per byte will be; decides what it is ranked among.
    public var likelihood: LikelihoodKind
    /// Absolute path of the plugin file.
    public var plugin: String
    /// Of the file's bytes, in hexadecimal digits; checked before the run begins.
    public var pluginSHA256: String
    /// The full configuration of the model.
    public var config: ConfigurationJSON
    /// Counted by the host over the declared tensors; nil when sizing failed.
    public var parameters: Int?
    /// One sentence: how the parameters get their first values; empty when sizing failed.
    public var initialisation: String
    /// What the parameters ask of the optimizer, in one sentence; nil where sizing failed.
    public var optimizer: String?
    /// Of first values, windows and every random choice; the same as in `training`.
    public var seed: UInt64
    /// `TrainingOptions` as JSON, seed and budget included.
    public var training: ConfigurationJSON
    /// Files of the text, absolute; empty for the built-in corpus.
    public var dataFiles: [String]
    /// What the text must be: its hash is checked before the run begins.
    public var data: DataSummary
    /// Tokens after which decoding is timed; empty for a run of a tuning grid.
    public var decodeContexts: [Int]
    /// Of the host's pool, the calling one included.
    public var threads: Int
    /// Why there is no configuration: the run is a row with this cause.
    public var sizingFailure: SizingFailure?
    /// The point of the tuning grid that this run tries: its score is that of the validation part, and nothing else is measured. nil: a
    /// result.
    public var tuning: ConfigurationJSON?
    /// How many runs were allowed to be at work at once when this one began; nil: it was alone. Its speeds depend on it, its losses do not, so it
    /// is not in the hash.
    public var concurrentRuns: Int?
    /// What it is trained and tested on instead of a text; nil: the text. Its hash is that of `data`.
    public var task: TaskSpecification?
    /// Settings under which the trained model is evaluated again; nil: none.
    public var variants: [VariantSetting]?
    /// How near the configuration came to what is matched; nil where parameters are. Not part of the hash: the configuration is.
    public var matched: MatchFigure?

    /// `config` and `training` are objects; `id` becomes the name of a folder.
    public init(
        id: String, model: String, name: String, family: String, likelihood: LikelihoodKind, plugin: String,
        pluginSHA256: String, config: ConfigurationJSON, parameters: Int?, initialisation: String, seed: UInt64,
        training: ConfigurationJSON, dataFiles: [String], data: DataSummary, decodeContexts: [Int], threads: Int,
        sizingFailure: SizingFailure? = nil, tuning: ConfigurationJSON? = nil
    ) {
        self.id = id
        self.model = model
        self.name = name
        self.family = family
        self.likelihood = likelihood
        self.plugin = plugin
        self.pluginSHA256 = pluginSHA256
        self.config = config
        self.parameters = parameters
        self.initialisation = initialisation
        self.seed = seed
        self.training = training
        self.dataFiles = dataFiles
        self.data = data
        self.decodeContexts = decodeContexts
        self.threads = threads
        self.sizingFailure = sizingFailure
        self.tuning = tuning
    }

    enum CodingKeys: String, CodingKey {
        case id, model, name, family, likelihood, plugin
        case pluginSHA256 = "plugin_sha256"
        case config, parameters, initialisation, optimizer, seed, training
        case dataFiles = "data_files"
        case data
        case decodeContexts = "decode_contexts"
        case threads
        case sizingFailure = "sizing_failure"
        case tuning, task, variants, matched
        case concurrentRuns = "concurrent_runs"
    }

    /// For people: `mamba, seed 1`, `mamba, tuning learning_rate=0.001`.
    public var label: String {
        let name = task.map { "\(model) on \($0.text)" } ?? model
        guard let point = tuning?.value.objectValue else { return "\(name), seed \(seed)" }
        return "\(name), tuning \(TuningGrid.text(point))"
    }

    /// The same run with the training options of `point` over its own.
    func with(_ point: ConfigurationJSON) -> JobSpecification {
        let options = training.value.objectValue ?? JSONObject()
        var job = self
        job.training = ConfigurationJSON(.object(options.merging(point.value.objectValue ?? JSONObject())))
        return job
    }

    /// What the result depends on, hashed: plugin, text, configuration, training options, seed, contexts and threads. Where
    /// the files lie does not matter.
    public func hash() throws -> String {
        struct Identity: Encodable {
            var model, plugin, data: String
            var splits: DataSummary.Splits
            var config, training: ConfigurationJSON
            var seed: UInt64
            var contexts: [Int]
            var threads: Int
            // Absent, so that results from before there was tuning keep their hash.
            var tuning: ConfigurationJSON?
            // Likewise.
            var variants: [VariantSetting]?
        }
        let identity = Identity(
            model: model, plugin: pluginSHA256, data: data.sha256, splits: data.splits, config: config,
            training: training, seed: seed, contexts: decodeContexts, threads: threads, tuning: tuning,
            variants: variants)
        let digest = SHA256.hash(data: Data(try JSONFile.text(identity).utf8))
        return digest.map { String(format: "%02x", $0) }.joined()
    }

    /// A row without figures, to be filled in.
    public func row() -> ResultRow {
        var row = ResultRow(
            model: model, name: name, family: family, pluginSHA256: pluginSHA256, config: config,
            initialisation: initialisation, seed: seed, parameters: parameters,
            learningRate: training.value["learning_rate"]?.doubleValue ?? 0, likelihood: likelihood)
        row.optimizer = optimizer ?? ""
        row.concurrentRuns = concurrentRuns
        row.training = training
        row.command = command
        // A task that this version does not have cannot be planned either.
        row.task = task.flatMap { try? TaskResult($0) }
        row.matched = matched
        if let sizingFailure {
            row.status = sizingFailure.status
            row.detail = sizingFailure.detail
        }
        return row
    }
}
