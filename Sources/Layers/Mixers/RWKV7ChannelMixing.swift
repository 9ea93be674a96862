internal import Glibc
internal import SequenceModel
public import Tensor

/// RWKV-7's feed-forward layer, which sees the token before too (arXiv:2503.14456, equation 23): out = W_v max(W_k x_k, 0)².
///
/// 2 · D · F + D values.
public struct RWKV7ChannelMixing: Mixer {
    /// The token before.
    public typealias State = ShiftState

    let mix: Parameter
    let key: Linear, value: Linear

    /// Declares `x_k`, `key.weight`, `value.weight`.
    ///
    /// - Parameters:
    ///   - width: D
    ///   - hidden: F
    ///   - layer: which of `layers` it is, from 0.
    public init(_ p: Parameters, width: Int, hidden: Int, layer: Int, layers: Int) {
        let power = pow(LayerPlace(layer: layer, layers: layers).toLast, 4)
        mix = p.parameter("x_k", shape: [1, 1, width], weightDecay: false) { _ in
            (0 ..< width).map { 1 - pow(fraction($0, width), power) }
        }
        key = Linear(weight: p.scope("key").orthogonal("weight", rows: hidden, columns: width))
        value = p.linear("value", hidden, width, initialiser: .zeros)
    }

    /// Training form, as `Mixer`: [B, T, D] → [B, T, D] from the beginning of the text.
    public func callAsFunction(_ x: Tensor) -> Tensor { mix(x, after: nil) }

    /// A state that has read nothing, for `rows` texts in step.
    public func initialState(rows: Int, scalarType: ScalarType) -> ShiftState {
        ShiftState(rows: rows, width: mix.shape[2], scalarType)
    }

    /// Serving form, as `Mixer`: [B, T, D] → [B, T, D]; the same with the token before from the state.
    public func callAsFunction(_ x: Tensor, position: Int, _ state: inout ShiftState) -> Tensor {
        defer { state.previous = lastToken(x) }
        return mix(x, after: state.previous)
    }

    private func mix(_ x: Tensor, after previous: Tensor?) -> Tensor {
        value(key(tokenShift(x, mix: mix.tensor, weight: .ofPrevious, after: previous)).squaredRelu())
    }
}
