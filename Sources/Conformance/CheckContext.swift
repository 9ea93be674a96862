import CSequenceModel
import PluginHost
import SequenceModel

/// What a test is given: the plugin, one of its models, a seed, and short ways to what most tests need.
final class CheckContext {
    let path: String
    /// nil: the plugin's only model, or its first.
    let modelID: String?
    let seed: UInt64
    let watch: CallWatch
    private var loaded: RawPlugin?
    private var chosen: RawModel?
    private var small: String?

    init(path: String, modelID: String?, seed: UInt64, watch: CallWatch = CallWatch()) {
        self.path = path
        self.modelID = modelID
        self.seed = seed
        self.watch = watch
    }

    /// Loaded when first asked for.
    func plugin() throws -> RawPlugin {
        if let loaded { return loaded }
        let plugin = try RawPlugin(path, watch: watch)
        loaded = plugin
        return plugin
    }

    func model() throws -> RawModel {
        if let chosen { return chosen }
        let plugin = try plugin()
        var index: UInt32 = 0
        if let modelID {
            guard let found = try (0 ..< plugin.modelCount).first(where: { RawModel.text(try plugin.describe($0).id) == modelID })
            else { throw CheckEnd.failed("the plugin no longer has a model \(modelID)") }
            index = found
        }
        let model = try RawModel(plugin, index: index)
        chosen = model
        return model
    }

    /// Random numbers of one purpose, which follow from the seed.
    func random(_ purpose: String) -> RandomStream { RandomKey(seed: seed).split(purpose).stream }

    /// A small configuration: what the model proposes for few parameters, or its own defaults.
    func configuration() throws -> String {
        if let small { return small }
        let model = try model()
        let text = try smallProposal(model) ?? model.resolve("{}")
        small = text
        return text
    }

    private func smallProposal(_ model: RawModel) throws -> String? {
        guard model.plugin.table.propose != nil else { return nil }
        let budgets: [(UInt32, UInt64)] = [
            (32, 20_000), (32, 40_000), (32, 60_000), (256, 60_000), (256, 200_000), (256, 1_000_000),
        ]
        for (alphabet, parameters) in budgets {
            guard let text = try? model.propose(parameters: parameters, alphabet: alphabet, context: 64) else { continue }
            if (try? RawInstance(model, configuration: text)) != nil { return text }
        }
        return nil
    }

    /// An instance of the small configuration.
    func unbound(host: ForeignHost? = nil) throws -> RawInstance {
        try RawInstance(model(), configuration: configuration(), host: host)
    }

    /// The same with first values, moved a little so that nothing is zero that need not be.
    func instance(host: ForeignHost? = nil, scalar: UInt32 = SM_FLOAT32, perturbed: Bool = true) throws -> RawInstance {
        let instance = try unbound(host: host)
        try instance.bindFresh(scalar: scalar, seed: seed)
        if perturbed {
            try instance.bound().perturb(seed: seed, by: 0.05)
            instance.parametersChanged()
        }
        return instance
    }

    /// The same in float64 where the plugin takes it, else in float32.
    func preciseInstance() throws -> RawInstance {
        do {
            return try instance(scalar: SM_FLOAT64)
        } catch let failure as RawFailure where failure.function == "bind" {
            return try instance()
        }
    }

    /// Random symbols [rows, length].
    func tokens(_ instance: RawInstance, rows: Int, length: Int, _ purpose: String = "tokens") -> [Int32] {
        var stream = random(purpose)
        return (0 ..< rows * length).map { _ in Int32(stream.index(below: instance.alphabet)) }
    }

    /// Random symbols with the targets that fit the model's alignment: the symbols after, or the symbols themselves but the first.
    func batch(_ instance: RawInstance, rows: Int, length: Int, _ purpose: String = "batch") -> RawBatch {
        let width = length + 1
        let text = tokens(instance, rows: rows, length: width, purpose)
        return CheckContext.batch(text: text, rows: rows, width: width, fillsIn: instance.model.fillsIn)
    }

    /// A batch over `text` [rows, width]: width − 1 positions for a model that predicts what comes after, width for one that fills in.
    static func batch(text: [Int32], rows: Int, width: Int, fillsIn: Bool) -> RawBatch {
        var tokens: [Int32] = []
        var targets: [Int32] = []
        for row in 0 ..< rows {
            let own = Array(text[row * width ..< (row + 1) * width])
            if fillsIn {
                tokens += own
                targets += [-1] + own.dropFirst()
            } else {
                tokens += own.dropLast()
                targets += own.dropFirst()
            }
        }
        return RawBatch(rows: rows, length: fillsIn ? width : width - 1, tokens: tokens, targets: targets)
    }

    /// Throws `skipped` unless a call may have `length` tokens.
    func require(length: Int, of instance: RawInstance) throws {
        let limit = instance.shape.maximum_tokens
        if limit > 0, UInt64(length) > limit {
            throw CheckEnd.skipped("rows of \(length) tokens are needed, the model takes \(limit)")
        }
    }
}
