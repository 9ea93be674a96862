internal import Glibc
internal import SequenceModel
public import Tensor

/// RWKV-4's mixing over time (Peng et al. 2023, arXiv:2305.13048): a weighted average over the past whose weights fall at a rate of each
/// channel's own, read through a gate.
///
/// k, v, r = W of x mixed with the token before; w = −exp(time_decay); out = W_o (σ(r) ⊙ wkv(w, time_first, k, v))
///
/// 4 · D · A + 2 · A + 3 · D values. A text costs two exponentials for each channel and token beside the four products.
public struct RWKV4TimeMixing: Mixer {
    /// What it remembers: 4 numbers for each channel when A = D.
    public struct State: ModelState {
        /// The last token it saw, [B, 1, D].
        public var previous: Tensor
        /// The sums over the past, [B, A] each.
        public var sums: WKV4State

        /// As `ModelState`: every part, always in the same order.
        public mutating func visit(_ visitor: StateVisitor) throws {
            try visitor.visit(&previous)
            try visitor.visit(&sums.numerator)
            try visitor.visit(&sums.denominator)
            try visitor.visit(&sums.exponent)
        }
    }

    let timeDecay: Parameter, timeFirst: Parameter
    let mixKey: Parameter, mixValue: Parameter, mixReceptance: Parameter
    let key: Linear, value: Linear, receptance: Linear, output: Linear

    /// Declares `time_decay`, `time_first`, `time_mix_key`, `time_mix_value`, `time_mix_receptance`, `key.weight`, `value.weight`,
    /// `receptance.weight`, `output.weight`. First values are the authors', which follow the layer's place. No weight decay.
    ///
    /// - Parameters:
    ///   - width: D
    ///   - channels: A
    ///   - layer: which of `layers` it is, from 0.
    public init(_ p: Parameters, width: Int, channels: Int, layer: Int, layers: Int) {
        let place = LayerPlace(layer: layer, layers: layers)
        timeDecay = p.parameter("time_decay", shape: [channels]) { _ in
            (0 ..< channels).map { -5 + 8 * pow(fraction($0, channels - 1), 0.7 + 1.3 * place.fromFirst) }
        }
        timeFirst = p.parameter("time_first", shape: [channels]) { _ in
            (0 ..< channels).map { log(0.3) + 0.5 * Double(($0 + 1) % 3 - 1) }
        }
        func mix(_ name: String, _ power: Double, plus: Double = 0) -> Parameter {
            p.parameter("time_mix_" + name, shape: [1, 1, width], weightDecay: false) { _ in
                (0 ..< width).map { pow(fraction($0, width), power) + plus }
            }
        }
        mixKey = mix("key", place.toLast)
        mixValue = mix("value", place.toLast, plus: 0.3 * place.fromFirst)
        mixReceptance = mix("receptance", 0.5 * place.toLast)
        func zeros(_ name: String, _ inputs: Int, _ outputs: Int) -> Linear {
            Linear(weight: p.scope(name).parameter("weight", shape: [outputs, inputs], weightDecay: false))
        }
        key = zeros("key", width, channels)
        value = Linear(
            weight: p.scope("value").orthogonal(
                "weight", rows: channels, columns: width, gain: orthogonalGain(channels, width), weightDecay: false))
        receptance = zeros("receptance", width, channels)
        output = zeros("output", channels, width)
    }

    /// Training form, as `Mixer`: [B, T, D] → [B, T, D] from the beginning of the text.
    public func callAsFunction(_ x: Tensor) -> Tensor {
        let (k, v, r) = project(x, after: nil)
        let average = wkv4(decay: logDecay, first: timeFirst.tensor, key: k, value: v)  // [B, T, A]
        return output(sigmoidGated(average, by: r))
    }

    /// A state that has read nothing, for `rows` texts in step.
    public func initialState(rows: Int, scalarType: ScalarType) -> State {
        State(
            previous: .zeros([rows, 1, mixKey.shape[2]], scalarType),
            sums: WKV4State(rows: rows, channels: timeDecay.shape[0], scalarType))
    }

    /// Serving form, as `Mixer`: [B, T, D] → [B, T, D]; the recurrence, O(C) a token.
    public func callAsFunction(_ x: Tensor, position: Int, _ state: inout State) -> Tensor {
        let (k, v, r) = project(x, after: state.previous)
        let average = wkv4(decay: logDecay, first: timeFirst.tensor, key: k, value: v, state: &state.sums)
        state.previous = lastToken(x)
        return output(sigmoidGated(average, by: r))
    }

    /// What a weight is multiplied by at each step, e^w: [A].
    public var decay: Tensor { logDecay.exp() }

    private var logDecay: Tensor { -timeDecay.tensor.exp() }

    /// Key, value and gate before its sigmoid, [B, T, A] each.
    private func project(_ x: Tensor, after previous: Tensor?) -> (k: Tensor, v: Tensor, r: Tensor) {
        func mixed(_ mix: Parameter) -> Tensor { tokenShift(x, mix: mix.tensor, weight: .ofCurrent, after: previous) }
        return (key(mixed(mixKey)), value(mixed(mixValue)), receptance(mixed(mixReceptance)))
    }
}
