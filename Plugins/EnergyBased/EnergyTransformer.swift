// Paper: Energy-Based Transformers are Scalable Learners and Thinkers, Gladstone et al. 2025, arXiv:2507.02092; section 3 and
//   appendix (settings S1 and S2).
// Update: p = softmax(zⁿ);  zⁿ⁺¹ = p − α ∂E(context, p)/∂p, from random z⁰; the prediction is softmax(z^N).
// Checked against: alexiglad/EBT@0ad3628 (both steps, both energies, and all gradients of S1, which are of second order).
// Deviations: no replay buffer (S2: what a call gives would depend on the calls before it); scores and sessions begin from a z⁰ that
//   follows from the position alone and have no Langevin noise, so that the likelihood is exact.

import Layers
import PluginKit
import SequenceModel
import Tensor

final class EnergyTransformer<Setting: EnergySetting>: NextSymbolModel {
    static var card: ModelCard { Setting.card }
    static var probes: [Probe<EnergyTransformer>] { [energyProbe] }
    /// The loss is that of a descent from a start that the key decides; scores do not depend on the key.
    static var capabilities: Capabilities { [.causal, .session, .predicts, .stochasticLoss] }

    let shape: ModelShape
    let configuration: EnergyConfiguration<Setting>
    let network: EnergyNetwork
    private let stepSize: Parameter
    /// [positions, V]
    private let startTable: Parameter?

    init(_ c: EnergyConfiguration<Setting>, _ p: Parameters) throws {
        configuration = c
        shape = ModelShape(
            vocabulary: c.vocabularySize, alphabet: c.vocabularySize, maximumTokens: c.startPositions > 0 ? c.startPositions : nil)
        network = EnergyNetwork(c, p)
        stepSize = p.parameter(
            "alpha", shape: [], initialiser: .constant(c.stepSize), weightDecay: false, learningRateMultiplier: c.stepSizeRate,
            isBuffer: !c.learnsStepSize)
        startTable =
            c.startPositions == 0
            ? nil
            : p.scope("start").parameter(
                "weight", shape: [c.startPositions, c.vocabularySize], initialiser: .normal(c.startNoise), isBuffer: true)
    }

    /// α, never below 10⁻⁴: [1, 1, 1].
    private var alpha: Tensor { (stepSize.tensor.reshaped([1, 1, 1]) - 1e-4).relu() + 1e-4 }

    // MARK: - Prediction

    /// z^N, of which the softmax is the prediction: [B, T, V].
    func logits(_ tokens: Tokens) throws -> Tensor {
        let start = start(rows: tokens.rows, places: 0 ..< tokens.length)
        guard configuration.servedSteps > 0 else { return start }
        let embedded = network.embedded(configuration.servedSteps - 1) + 1
        let context = try network.context(tokens, steps: 0 ..< embedded)
        return try descend(start, at: 0, context)
    }

    /// The logits z⁰ that every score and session begins from: [B, T, V].
    func start(rows: Int, places: Range<Int>) -> Tensor {
        if let startTable {
            let shape = [rows, places.count, shape.vocabulary]
            return startTable.tensor.stopGradient().sliced(axis: 0, places).reshaped([1] + shape.dropFirst()).broadcast(to: shape)
        }
        return DescentNoise.start(
            rows: rows, places: places, width: shape.vocabulary, deviation: configuration.startNoise,
            seed: configuration.startSeed, network.scalarType)
    }

    /// All steps of inference from z⁰ [B, T, V] at places `position` … of the text; `context` as for `step`.
    func descend(_ start: Tensor, at position: Int, _ context: [ContextMemory]) throws -> Tensor {
        var z = start
        for step in 0 ..< configuration.servedSteps {
            z = try self.step(z, step, at: position, context).logits
        }
        return z
    }

    /// One step of descent from logits `z` [B, T, V], derived through `z` where that is recorded.
    ///
    /// - Parameters:
    ///   - context: of embedded steps `first`, `first` + 1, … one behind the other: [steps · B, …].
    ///   - createGraph: whether the new logits are to be derived.
    ///   - factors: on α, [B, T, 1].
    /// - Returns: the next logits, and E [B, T] before the step.
    func step(
        _ z: Tensor, _ step: Int, at position: Int, _ context: [ContextMemory], from first: Int = 0, createGraph: Bool = false,
        factors: Tensor? = nil
    ) throws -> (logits: Tensor, energies: Tensor) {
        let p = z.softmax()
        let rows = p.shape[0], begin = (network.embedded(step) - first) * rows
        let own = context.map { $0.rows(begin ..< begin + rows) }
        let isConstant = !p.requiresGradient
        if isConstant { p.requiresGradient = true }
        defer { if isConstant { p.requiresGradient = false } }
        let energies = try Execution.withRecording { try network.energies(p, at: position, own) }
        let slope = gradients(
            of: energies, withRespectTo: [p], seed: .ones(energies.shape, energies.scalarType), createGraph: createGraph)[0]
        let scaled = slope * alpha
        return (p - (factors.map { scaled * $0 } ?? scaled), energies.stopGradient())
    }

    // MARK: - Training

    /// The nats after the steps that `loss_steps` says, mean, from a start that the key decides.
    func loss(_ batch: Batch) throws -> Tensor {
        let type = network.scalarType
        let rows = batch.targets.indices.filter { batch.targets[$0] >= 0 }
        guard !rows.isEmpty else { return .zeros([], type) }
        let targets = rows.map { batch.targets[$0] }
        let weights = Tensor(rows.map { Double(batch.weights?[$0] ?? 1) }, shape: [rows.count], type: type)
        func nats(_ z: Tensor) -> Tensor {
            let chosen = z.reshaped([batch.tokens.count, shape.vocabulary]).gatherRows(rows.map(Int32.init))
            return (natsOf(chosen, targets) * weights).sum()
        }
        let last = configuration.stepCount - 1 + drawFurtherSteps(batch.key)
        let z = try trainedStart(batch, last)
        let first = configuration.truncatesDescent ? last : 0
        var losses: [Tensor] = []
        _ = try descend(z, batch, first ... last) { step, z in
            if step == last || configuration.lossSteps == .all { losses.append(nats(z)) }
        }
        return losses.dropFirst().reduce(losses[0], +) * (1 / Double(losses.count))
    }

    /// Where the descent begins that is derived: z⁰, or with `truncate_mcmc` what the steps before the last make of it.
    private func trainedStart(_ batch: Batch, _ last: Int) throws -> Tensor {
        let start =
            startTable != nil
            ? start(rows: batch.rows, places: 0 ..< batch.length)
            : DescentNoise.training(
                batch, "start", width: shape.vocabulary, deviation: configuration.startNoise, network.scalarType)
        guard configuration.truncatesDescent, last > 0 else { return start }
        return try Execution.withoutRecording { try descend(start, batch, 0 ... last - 1) { _, _ in } }
    }

    /// Steps `steps` of a descent in training; `visit` gets the logits after each.
    private func descend(
        _ start: Tensor, _ batch: Batch, _ steps: ClosedRange<Int>, visit: (_ step: Int, _ logits: Tensor) -> Void
    ) throws -> Tensor {
        let c = configuration, type = network.scalarType
        let isRecording = Execution.current.isRecording
        let embedded = network.embedded(steps.lowerBound) ..< network.embedded(steps.upperBound) + 1
        let context = try network.context(Tokens(batch), steps: embedded)
        let factors = c.stepSizeRange == 1 ? nil : DescentNoise.factors(batch, range: c.stepSizeRange, type)
        var z = start
        for step in steps {
            if c.langevinNoise > 0 {
                z = z + DescentNoise.training(batch, "step \(step)", width: shape.vocabulary, deviation: c.langevinNoise, type)
            }
            if !c.derivesThroughSteps { z = z.stopGradient() }
            z = try self.step(z, step, at: 0, context, from: embedded.lowerBound, createGraph: isRecording, factors: factors).logits
            visit(step, z)
        }
        return z
    }

    /// Up to `randomize_mcmc_num_steps` steps more, the same for a whole batch.
    private func drawFurtherSteps(_ key: RandomKey) -> Int {
        guard configuration.furtherSteps > 0 else { return 0 }
        var stream = key.split("steps").stream
        return stream.index(below: configuration.furtherSteps + 1)
    }

    // MARK: - Serving

    /// A session that keeps the context's keys and values for each embedded step.
    func openSession(rows: Int, scalarType: ScalarType) throws -> any SessionCore {
        try EnergySession(self, rows: rows, scalarType: scalarType)
    }
}

/// `crossEntropy` of the tensor library, whose name a requirement of `NextSymbolModel` hides inside of it.
private func natsOf(_ logits: Tensor, _ targets: [Int32]) -> Tensor { crossEntropy(logits, targets: targets) }
