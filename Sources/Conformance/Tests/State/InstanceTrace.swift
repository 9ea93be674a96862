import CSequenceModel
import SequenceModel

/// What one instance answers to a fixed list of calls, as bits.
final class InstanceTrace {
    static let steps = 7
    private let instance: RawInstance
    private let context: CheckContext
    private var session: RawSession?
    private let batch: RawBatch

    init(_ instance: RawInstance, _ context: CheckContext) throws {
        self.instance = instance
        self.context = context
        batch = context.batch(instance, rows: 2, length: 9, "trace")
    }

    static func name(_ step: Int) -> String { ["loss", "loss_and_gradient", "score", "logits", "append", "append", "loss_and_gradient"][step] }

    /// The answer to call `step`, empty where the model does not offer it.
    func step(_ step: Int) throws -> [UInt64] {
        let model = instance.model
        let hasSession = model.claims(SM_SESSION) && model.session != nil
        switch step {
        case 0: return model.train == nil ? [] : [try instance.loss(batch).bitPattern]
        case 1, 6:
            guard model.train != nil else { return [] }
            let block = try instance.bound()
            block.fillGradients(0)
            let loss = try instance.lossAndGradient(batch)
            return [loss.bitPattern] + block.trained.flatMap { block.all(gradient: $0).map(\.bitPattern) }
        case 2: return model.score == nil ? [] : try instance.score(batch, samples: 1).floats.map { UInt64($0.bitPattern) }
        case 3: return model.score == nil ? [] : try instance.logits(batch).floats.map { UInt64($0.bitPattern) }
        default:
            guard hasSession else { return [] }
            if session == nil { session = try instance.open(rows: 1) }
            let tokens = context.tokens(instance, rows: 1, length: 5, "trace \(step)")
            return try session?.append(tokens).floats.map { UInt64($0.bitPattern) } ?? []
        }
    }

    /// All answers, one after another.
    func all() throws -> [[UInt64]] { try (0 ..< InstanceTrace.steps).map(step) }
}
