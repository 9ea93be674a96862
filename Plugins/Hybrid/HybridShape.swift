import Layers
import SequenceModel

/// What the mixers of a hybrid are made with.
struct HybridShape {
    /// D
    var width: Int
    /// L, in mixers
    var layerCount: Int
    /// H
    var headCount: Int
    /// G
    var keyValueHeadCount: Int
    var hasRotary: Bool
    var window: Int
    var ropeTheta: Double
    var initializerRange: Double
    var mambaStates: Int
    var mamba2States: Int
    var s4dStates: Int
    var hyenaStates: Int

    /// Of projections back into the residual stream.
    var backInitialiser: Initialiser { .normal(initializerRange / (2 * Double(layerCount)).squareRoot()) }

    /// Attention as layer of the hybrid; `window` nil: over everything before.
    func attention(_ p: Parameters, window: Int?) -> SelfAttention {
        let rotary = hasRotary ? RotaryEmbedding(pairs: headWidth / 2, theta: ropeTheta) : nil
        return SelfAttention(
            p, .init(
                width: width, heads: headCount, keyValueHeads: keyValueHeadCount, headWidth: headWidth, window: window),
            rotary: rotary, initialiser: .normal(initializerRange), outputInitialiser: backInitialiser)
    }

    /// K
    var headWidth: Int { width / headCount }

    var mamba: MambaMixer.Shape {
        var shape = MambaMixer.Shape()
        shape.width = width
        shape.channels = 2 * width
        shape.states = mambaStates
        shape.rank = (width + 15) / 16
        shape.layerCount = layerCount
        return shape
    }

    /// Heads of 64 channels, or of the largest power of two that cuts twice the width.
    var mamba2: Mamba2Mixer.Shape {
        var shape = Mamba2Mixer.Shape()
        shape.width = width
        shape.headWidth = [64, 32, 16, 8, 4].first { 2 * width % $0 == 0 } ?? 2
        shape.heads = 2 * width / shape.headWidth
        shape.states = mamba2States
        shape.layerCount = layerCount
        return shape
    }

    var s4d: S4DMixer.Shape {
        var shape = S4DMixer.Shape()
        shape.width = width
        shape.pairs = s4dStates / 2
        return shape
    }

    /// Of order 2, its filter a sum of exponentials: the state is fixed and texts may be of any length.
    var hyena: HyenaMixer.Shape {
        var shape = HyenaMixer.Shape()
        shape.width = width
        shape.filter = .modal(hyenaStates)
        shape.initialiser = .normal(initializerRange)
        shape.outputInitialiser = backInitialiser
        return shape
    }

    func deltaRule(hasDecay: Bool) -> GatedDeltaNet.Shape {
        var shape = GatedDeltaNet.Shape(
            width: width, keyHeads: headCount, valueHeads: headCount, keyWidth: headWidth, valueWidth: headWidth)
        shape.hasDecay = hasDecay
        return shape
    }
}
