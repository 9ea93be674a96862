import Layers
import SequenceModel
import Tensor

extension Diffusion {
    /// Mean entropy of the guesses at hidden positions, for each of `hiddenParts`: [9]. The same order of hiding serves all
    /// parts, so that what is hidden at one is hidden at the next. Zero where a batch has nothing to hide.
    func maskedEntropy(_ batch: Batch) throws -> Tensor {
        guard !batch.targets.isEmpty else {
            throw SequenceModelError(.invalidArgument, "masked_entropy needs targets: it hides them")
        }
        let entropies = try Diffusion.hiddenParts.map { part -> Tensor in
            try checkCancellation()
            let draw = NoiseDraw.part(part, of: batch, mask: mask)
            let hidden = draw.tokens.indices.filter { draw.targets[$0] >= 0 }.map(Int32.init)
            guard !hidden.isEmpty else { return .zeros([1], backbone.embedding.tensor.scalarType) }
            let noisy = Batch(rows: batch.rows, length: batch.length, tokens: draw.tokens, targets: batch.targets)
            let logs = try alphabetLogits(noisy, times: draw.times, rows: hidden).logSoftmax()  // [R, alphabet]
            return ((logs.exp() * logs).sum(axis: 1).mean() * -1).reshaped([1])
        }
        return concatenate(entropies, axis: 0)
    }
}
