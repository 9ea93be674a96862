internal import Glibc
internal import SequenceModel
public import Tensor

/// RWKV-4's feed-forward layer, which sees the token before too (arXiv:2305.13048, section 3.1.2):
/// out = σ(W_r x_r) ⊙ W_v max(W_k x_k, 0)².
///
/// 2 · D · F + D² + 2 · D values.
public struct RWKV4ChannelMixing: Mixer {
    /// The token before.
    public typealias State = ShiftState

    let mixKey: Parameter, mixReceptance: Parameter
    let key: Linear, receptance: Linear, value: Linear

    /// Declares `time_mix_key`, `time_mix_receptance`, `key.weight`, `receptance.weight`, `value.weight`. No weight decay.
    ///
    /// - Parameters:
    ///   - width: D
    ///   - hidden: F
    ///   - layer: which of `layers` it is, from 0.
    public init(_ p: Parameters, width: Int, hidden: Int, layer: Int, layers: Int) {
        let place = LayerPlace(layer: layer, layers: layers)
        func mix(_ name: String) -> Parameter {
            p.parameter("time_mix_" + name, shape: [1, 1, width], weightDecay: false) { _ in
                (0 ..< width).map { pow(fraction($0, width), place.toLast) }
            }
        }
        mixKey = mix("key")
        mixReceptance = mix("receptance")
        key = Linear(
            weight: p.scope("key").orthogonal(
                "weight", rows: hidden, columns: width, gain: orthogonalGain(hidden, width), weightDecay: false))
        receptance = Linear(
            weight: p.scope("receptance").parameter("weight", shape: [width, width], weightDecay: false))
        value = Linear(weight: p.scope("value").parameter("weight", shape: [width, hidden], weightDecay: false))
    }

    /// Training form, as `Mixer`: [B, T, D] → [B, T, D] from the beginning of the text.
    public func callAsFunction(_ x: Tensor) -> Tensor { mix(x, after: nil) }

    /// A state that has read nothing, for `rows` texts in step.
    public func initialState(rows: Int, scalarType: ScalarType) -> ShiftState {
        ShiftState(rows: rows, width: mixKey.shape[2], scalarType)
    }

    /// Serving form, as `Mixer`: [B, T, D] → [B, T, D]; the same with the token before from the state.
    public func callAsFunction(_ x: Tensor, position: Int, _ state: inout ShiftState) -> Tensor {
        defer { state.previous = lastToken(x) }
        return mix(x, after: state.previous)
    }

    private func mix(_ x: Tensor, after previous: Tensor?) -> Tensor {
        func mixed(_ mix: Parameter) -> Tensor { tokenShift(x, mix: mix.tensor, weight: .ofCurrent, after: previous) }
        let hidden = key(mixed(mixKey)).squaredRelu()  // [B, T, F]
        return sigmoidGated(value(hidden), by: receptance(mixed(mixReceptance)))
    }
}
