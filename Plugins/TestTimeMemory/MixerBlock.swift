import Layers
import SequenceModel
import Tensor

/// h = x + Mixer(RMSNorm(x));  y = h + SwiGLU(RMSNorm(h)), for any mixer.
struct MixerBlock<M: Mixer> {
    let mixerNorm: RMSNorm
    let mixer: M
    let feedForwardNorm: RMSNorm
    let feedForward: FeedForward

    /// [B, T, D] → [B, T, D]
    func callAsFunction(_ x: Tensor) throws -> Tensor {
        let h = x + (try mixer(mixerNorm(x)))
        return h + feedForward(feedForwardNorm(h))
    }

    /// The same after what `state` holds.
    func callAsFunction(_ x: Tensor, position: Int, _ state: inout M.State) throws -> Tensor {
        let h = x + (try mixer(mixerNorm(x), position: position, &state))
        return h + feedForward(feedForwardNorm(h))
    }
}

extension Array {
    /// All blocks, one after the other: [B, T, D] → [B, T, D].
    func read<M: Mixer>(_ x: Tensor) throws -> Tensor where Element == MixerBlock<M> {
        var x = x
        for block in self {
            try checkCancellation()
            x = try block(x)
        }
        return x
    }

    /// A state that has read nothing.
    func initialState<M: Mixer>(rows: Int, _ type: ScalarType) throws -> LayerStates<M.State> where Element == MixerBlock<M> {
        LayerStates(try map { try $0.mixer.initialState(rows: rows, scalarType: type) })
    }

    /// The same after what `state` holds.
    func read<M: Mixer>(
        _ x: Tensor, position: Int, _ state: inout LayerStates<M.State>
    ) throws -> Tensor where Element == MixerBlock<M> {
        var x = x
        for (layer, block) in enumerated() {
            try checkCancellation()
            x = try block(x, position: position, &state.layers[layer])
        }
        return x
    }
}
