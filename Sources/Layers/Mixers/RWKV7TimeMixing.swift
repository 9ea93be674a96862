internal import Glibc
internal import SequenceModel
public import Tensor

/// RWKV-7's mixing over time (Peng et al. 2025, arXiv:2503.14456): each head keeps a matrix S of N × N numbers that is rewritten by a delta
/// rule with a decay, a removal key and a rate chosen by the input.
///
/// S ← S diag(w) − (S κ)(κ ⊙ a)ᵀ + v kᵀ;  out = W_o ((norm(S r) + (Σ r k r_k) v) ⊙ g), everything read from x mixed with the token before.
///
/// Its values are drawn towards those of the first layer: `callAsFunction(_:firstValue:)` takes and gives them. By itself (as a
/// `Mixer`) it is its own first layer.
public struct RWKV7TimeMixing: Mixer {
    /// Widths of the four low-rank maps.
    public struct Ranks {
        /// Of w, a, the share of the first layer's values, and g.
        public var decay: Int, rate: Int, value: Int, gate: Int

        /// The four widths, at least 1 each.
        public init(decay: Int, rate: Int, value: Int, gate: Int) {
            (self.decay, self.rate, self.value, self.gate) = (decay, rate, value, gate)
        }

        /// The authors' suggestion for width D: 2.5 √D, 2.5 √D, 1.7 √D, 5 √D, to the nearest multiple of 32, at least 32.
        public init(width: Int) {
            func rank(_ factor: Double) -> Int {
                max(32, Int((factor * Double(width).squareRoot() / 32).rounded(.toNearestOrEven)) * 32)
            }
            self.init(decay: rank(2.5), rate: rank(2.5), value: rank(1.7), gate: rank(5))
        }
    }

    /// What it remembers: D + H N² numbers.
    public struct State: ModelState {
        /// The last token it saw, [B, 1, D].
        public var previous: Tensor
        /// Sᵀ of each head, [B, H, keys, values].
        public var memory: Tensor

        /// As `ModelState`: every part, always in the same order.
        public mutating func visit(_ visitor: StateVisitor) throws {
            try visitor.visit(&previous)
            try visitor.visit(&memory)
        }
    }

    private struct Mixes {
        let r: Parameter, w: Parameter, k: Parameter, v: Parameter, a: Parameter, g: Parameter
    }

    private let mixes: Mixes
    private let decayMap: LowRank, rateMap: LowRank, gateMap: LowRank
    private let residualMap: LowRank?
    private let removalScale: Parameter, rateShare: Parameter, bonus: Parameter
    private let receptance: Linear, key: Linear, value: Linear, output: Linear
    private let normWeight: Parameter, normBias: Parameter
    private let heads: Int, headSize: Int
    /// Of the norm of a head's output.
    private static let epsilon = 64e-5

    /// Declares the names of the authors' files: `x_r` … `x_g`, `w0` … `g2`, `k_k`, `k_a`, `r_k`, `receptance.weight`, `key.weight`,
    /// `value.weight`, `output.weight`, `ln_x`. First values are the authors', which follow the layer's place. Weight decay on the four
    /// matrices alone; twice the learning rate for `w0`.
    ///
    /// - Parameters:
    ///   - width: D, a multiple of headSize.
    ///   - headSize: N, at least 2.
    ///   - layer: which of `layers` it is, from 0.
    ///   - valueResidual: declare `v0`, `v1`, `v2`; nil: in every layer but the first, where they have no effect.
    public init(
        _ p: Parameters, width: Int, headSize: Int, ranks: Ranks, layer: Int, layers: Int, valueResidual: Bool? = nil
    ) {
        let place = LayerPlace(layer: layer, layers: layers)
        heads = width / headSize
        self.headSize = headSize
        func line(_ channel: Int) -> Double { fraction(channel, width - 1) - 0.5 }
        func zigzag(_ channel: Int) -> Double {
            let half = Double(headSize - 1) / 2
            let z = (Double(channel % headSize) - half) / max(half, 0.5)
            return z * abs(z)
        }
        func perChannel(_ name: String, _ values: @escaping (Int) -> Double) -> Parameter {
            p.parameter(name, shape: [1, 1, width], weightDecay: false) { _ in (0 ..< width).map(values) }
        }
        func mix(_ name: String, _ power: Double) -> Parameter {
            perChannel("x_" + name) { 1 - pow(fraction($0, width), power * place.toLast) }
        }
        mixes = Mixes(
            r: mix("r", 0.2), w: mix("w", 0.9), k: mix("k", 0.7), v: mix("v", 0.7), a: mix("a", 0.9), g: mix("g", 0.2))
        decayMap = LowRank(p, "w", width: width, rank: ranks.decay, learningRateMultiplier: 2) {
            -6 + 6 * pow(fraction($0, width - 1), 1 + pow(place.fromFirst, 0.3)) + 0.5 + 2.5 * zigzag($0)
        }
        rateMap = LowRank(p, "a", width: width, rank: ranks.rate) { -0.19 + 0.3 * zigzag($0) + 0.4 * line($0) }
        residualMap =
            valueResidual ?? (layer > 0)
            ? LowRank(p, "v", width: width, rank: ranks.value) { 0.73 - 0.4 * line($0) } : nil
        gateMap = LowRank(p, "g", width: width, rank: ranks.gate, bias: nil)
        removalScale = perChannel("k_k") { 0.71 - 0.1 * line($0) }
        rateShare = perChannel("k_a") { _ in 1.02 }
        bonus = p.parameter("r_k", shape: [heads, headSize], initialiser: .constant(-0.04), weightDecay: false)
        func square(_ name: String, gain: Double) -> Linear {
            Linear(weight: p.scope(name).orthogonal("weight", rows: width, columns: width, gain: gain))
        }
        receptance = square("receptance", gain: 1)
        key = square("key", gain: 0.1)
        value = square("value", gain: 1)
        output = p.linear("output", width, width, initialiser: .zeros)
        let scale = pow(Double(layer + 1) / Double(layers), 0.7)
        normWeight = p.scope("ln_x").parameter("weight", shape: [width], initialiser: .constant(scale))
        normBias = p.scope("ln_x").parameter("bias", shape: [width])
    }

    /// Training: [B, T, D] → [B, T, D]. The first layer gives `firstValue`, later ones take it.
    public func callAsFunction(_ x: Tensor, firstValue: inout Tensor?) -> Tensor {
        let s = select(x, after: nil, &firstValue)
        let read = wkv7(
            receptance: s.receptance, decay: s.decay, key: s.key, value: s.value, removal: s.removal, rate: s.rate)
        return output(readOut(read, s, x.shape))
    }

    /// The same for `x` that comes after what made `state`.
    public func callAsFunction(_ x: Tensor, firstValue: inout Tensor?, _ state: inout State) -> Tensor {
        let s = select(x, after: state.previous, &firstValue)
        let read = wkv7(
            receptance: s.receptance, decay: s.decay, key: s.key, value: s.value, removal: s.removal, rate: s.rate,
            state: &state.memory)
        state.previous = lastToken(x)
        return output(readOut(read, s, x.shape))
    }

    /// Training form, as `Mixer`: [B, T, D] → [B, T, D] from the beginning of the text.
    public func callAsFunction(_ x: Tensor) -> Tensor {
        var own: Tensor?
        return self(x, firstValue: &own)
    }

    /// Serving form, as `Mixer`: [B, T, D] → [B, T, D]; the recurrence, O(H · N²) a token.
    public func callAsFunction(_ x: Tensor, position: Int, _ state: inout State) -> Tensor {
        var own: Tensor?
        return self(x, firstValue: &own, &state)
    }

    /// A state that has read nothing, for `rows` texts in step.
    public func initialState(rows: Int, scalarType: ScalarType) -> State {
        State(
            previous: .zeros([rows, 1, heads * headSize], scalarType),
            memory: .zeros([rows, heads, headSize, headSize], scalarType))
    }

    /// w of what it reads, from the beginning of a text: [B, T, D].
    public func decay(_ x: Tensor) -> Tensor { decayMap(mixed(x, mixes.w, nil)) { $0.tanh() }.softDecay() }

    /// What the rule works on, [B, T, H, N] each.
    private struct Selection {
        let receptance: Tensor, decay: Tensor, key: Tensor, value: Tensor, removal: Tensor, rate: Tensor, gate: Tensor
    }

    private func mixed(_ x: Tensor, _ mix: Parameter, _ previous: Tensor?) -> Tensor {
        tokenShift(x, mix: mix.tensor, weight: .ofPrevious, after: previous)
    }

    private func select(_ x: Tensor, after previous: Tensor?, _ firstValue: inout Tensor?) -> Selection {
        let shape = [x.shape[0], x.shape[1], heads, headSize]
        let r = receptance(mixed(x, mixes.r, previous))
        let w = decayMap(mixed(x, mixes.w, previous)) { $0.tanh() }.softDecay()
        let k = key(mixed(x, mixes.k, previous))
        let forValue = mixed(x, mixes.v, previous)
        var v = value(forValue)
        if let first = firstValue {
            if let residualMap { v = valueResidual(v, first: first, gate: residualMap(forValue)) }
        } else {
            firstValue = v
        }
        let a = rateMap(mixed(x, mixes.a, previous)).sigmoid()
        let g = gateMap(mixed(x, mixes.g, previous)) { $0.sigmoid() }
        // κ of norm 1: a root mean square of 1 / √N. The authors divide by max(norm, 10⁻¹²).
        let unit = Tensor.full([headSize], 1 / Double(headSize).squareRoot(), x.scalarType)
        let removal = rmsNorm((k * removalScale.tensor).reshaped(shape), weight: unit, epsilon: 1e-24 / Double(headSize))
        return Selection(
            receptance: r.reshaped(shape), decay: w.reshaped(shape),
            key: replacementKey(k, rate: a, share: rateShare.tensor).reshaped(shape), value: v.reshaped(shape),
            removal: removal, rate: a.reshaped(shape), gate: g.reshaped(shape))
    }

    /// [B, T, H, N] → [B, T, D]
    private func readOut(_ read: Tensor, _ s: Selection, _ shape: [Int]) -> Tensor {
        wkv7Readout(
            read, receptance: s.receptance, key: s.key, value: s.value, gate: s.gate, weight: normWeight.tensor,
            bias: normBias.tensor, bonus: bonus.tensor, epsilon: RWKV7TimeMixing.epsilon
        ).reshaped(shape)
    }
}
