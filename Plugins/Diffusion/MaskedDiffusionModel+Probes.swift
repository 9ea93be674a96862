import Layers
import PluginKit
import SequenceModel
import Tensor

extension MaskedDiffusionModel {
    /// Parts of a text at which `masked_entropy` looks.
    static var hiddenParts: [Double] { [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9] }

    /// The probe `masked_entropy`, whose self-test on `configuration` must give `expected`.
    static func maskedEntropyProbe(_ configuration: @escaping @Sendable () -> Configuration, expected: [Double]) -> Probe<Self> {
        Probe(
            "masked_entropy", "Entropy of what is guessed at a hidden position, mean, by the part of the text that is hidden.",
            axes: [.named("hidden", hiddenParts.map { "\($0)" })], unit: "nats",
            test: .init(configuration, expected: expected)
        ) { model, batch in try model.maskedEntropy(batch) }
    }

    /// Mean entropy of the guesses at hidden positions, for each of `hiddenParts`: [9]. The same order of hiding serves all
    /// parts, so that what is hidden at one is hidden at the next. Zero where a batch has nothing to hide.
    func maskedEntropy(_ batch: Batch) throws -> Tensor {
        guard !batch.targets.isEmpty else {
            throw SequenceModelError(.invalidArgument, "masked_entropy needs targets: it hides them")
        }
        let entropies = try Self.hiddenParts.map { part -> Tensor in
            try checkCancellation()
            let draw = NoiseDraw.part(part, of: batch, mask: mask)
            let hidden = draw.tokens.indices.filter { draw.targets[$0] >= 0 }.map(Int32.init)
            guard !hidden.isEmpty else { return .zeros([1], scalarType) }
            let noisy = Batch(rows: batch.rows, length: batch.length, tokens: draw.tokens, targets: batch.targets)
            let logs = try alphabetLogits(noisy, times: draw.times, rows: hidden).logSoftmax()  // [R, alphabet]
            return ((logs.exp() * logs).sum(axis: 1).mean() * -1).reshaped([1])
        }
        return concatenate(entropies, axis: 0)
    }
}
