import Layers
import SequenceModel

/// What each mixer is made with.
extension HybridConfiguration {
    /// Of projections back into the residual stream.
    var backInitialiser: Initialiser { .normal(initializerRange / (2 * Double(layerCount)).squareRoot()) }

    /// Attention as layer of the hybrid; `window` nil: over everything before.
    func attention(_ p: Parameters, window: Int?) -> SelfAttention {
        let width = hiddenSize / headCount
        let rotary = chosenPositions == Positions.none ? nil : RotaryEmbedding(pairs: width / 2, theta: ropeTheta)
        return SelfAttention(
            p, .init(
                width: hiddenSize, heads: headCount, keyValueHeads: keyValueHeadCount ?? headCount, headWidth: width, window: window),
            rotary: rotary, initialiser: .normal(initializerRange), outputInitialiser: backInitialiser)
    }

    /// K
    var headWidth: Int { hiddenSize / headCount }

    var mamba: MambaMixer.Shape {
        var shape = MambaMixer.Shape()
        shape.width = hiddenSize
        shape.channels = 2 * hiddenSize
        shape.states = mambaStateSize
        shape.rank = (hiddenSize + 15) / 16
        shape.layerCount = layerCount
        return shape
    }

    /// Heads of 64 channels, or of the largest power of two that cuts twice the width.
    var mamba2: Mamba2Mixer.Shape {
        var shape = Mamba2Mixer.Shape()
        shape.width = hiddenSize
        shape.headWidth = [64, 32, 16, 8, 4].first { 2 * hiddenSize % $0 == 0 } ?? 2
        shape.heads = 2 * hiddenSize / shape.headWidth
        shape.states = mamba2StateSize
        shape.layerCount = layerCount
        return shape
    }

    var s4d: S4DMixer.Shape {
        var shape = S4DMixer.Shape()
        shape.width = hiddenSize
        shape.pairs = s4dStateSize / 2
        return shape
    }

    func deltaRule(hasDecay: Bool) -> GatedDeltaNet.Shape {
        var shape = GatedDeltaNet.Shape(
            width: hiddenSize, keyHeads: headCount, valueHeads: headCount, keyWidth: headWidth, valueWidth: headWidth)
        shape.hasDecay = hasDecay
        return shape
    }
}
