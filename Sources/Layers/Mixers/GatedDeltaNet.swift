internal import Glibc
public import SequenceModel
public import Tensor

/// A matrix for each head that every token corrects towards its value at its key: the (gated) delta rule between short convolutions.
/// Sources: arXiv:2406.06484 (DeltaNet), arXiv:2412.06464 (Gated DeltaNet), arXiv:2411.12537 (negative eigenvalues).
///
/// q, k, v = SiLU(conv(W x)), q and k of length 1;  β = σ(W_b x);  g = −e^A softplus(W_a x + b);
/// S ← eᵍ S;  S ← S + β k (v − Sᵀ k)ᵀ;  y = W_o (RMSNorm(Sᵀ q / √K) ⊙ SiLU(W_g x))
public struct GatedDeltaNet: Mixer {
    /// The sizes, and what can be taken out.
    public struct Shape: Sendable {
        /// D
        public var width: Int
        /// G, which divides the value heads: value head h uses query and key h / (H / G).
        public var keyHeads: Int
        /// H
        public var valueHeads: Int
        /// K
        public var keyWidth: Int
        /// V
        public var valueWidth: Int
        /// Taps of the convolutions.
        public var convolutionWidth = 4
        /// Whether S decays (Gated DeltaNet); false: g = 0 (DeltaNet).
        public var hasDecay = true
        /// Whether the output passes a gate.
        public var hasGate = true
        /// Whether β reaches 2, so that a token can reflect what S holds at its key and not only erase it.
        public var allowsNegativeEigenvalues = false
        /// ε of the norm of the outputs.
        public var normEpsilon = 1e-5

        /// See the properties; the others keep their defaults.
        public init(width: Int, keyHeads: Int, valueHeads: Int, keyWidth: Int, valueWidth: Int) {
            self.width = width
            self.keyHeads = keyHeads
            self.valueHeads = valueHeads
            self.keyWidth = keyWidth
            self.valueWidth = valueWidth
        }
    }

    /// From where the first decays are drawn.
    public struct FirstDecays: Sendable {
        /// e^A, uniform.
        public var rate: ClosedRange<Double>
        /// softplus(b), log-uniform, but at least `floor`.
        public var step: ClosedRange<Double>
        /// See `step`.
        public var floor: Double

        /// The authors' ranges; a rate of 0 is taken as 0.01, since its logarithm is kept.
        public init(rate: ClosedRange<Double> = 0 ... 16, step: ClosedRange<Double> = 0.001 ... 0.1, floor: Double = 1e-4) {
            self.rate = rate
            self.step = step
            self.floor = floor
        }
    }

    /// What it remembers: of fixed size, whatever it has read.
    public struct State: ModelState {
        /// The last inputs of the three convolutions, oldest first: [B, W − 1, G · K] twice and [B, W − 1, H · V].
        public var query: Tensor
        /// See `query`.
        public var key: Tensor
        /// See `query`.
        public var value: Tensor
        /// S [B, H, K, V]
        public var matrix: Tensor

        /// As `ModelState`: every part, always in the same order.
        public mutating func visit(_ visitor: StateVisitor) throws {
            try visitor.visit(&query)
            try visitor.visit(&key)
            try visitor.visit(&value)
            try visitor.visit(&matrix)
        }
    }

    /// The sizes.
    public let shape: Shape
    private let query: Linear
    private let key: Linear
    private let value: Linear
    private let rate: Linear
    private let queryConvolution: ShortConvolution
    private let keyConvolution: ShortConvolution
    private let valueConvolution: ShortConvolution
    private let decay: (projection: Linear, logRate: Parameter, bias: Parameter)?
    private let gate: Linear?
    private let norm: RMSNorm
    private let output: Linear

    /// Declares `{q,k,v,b,o}_proj`, `{q,k,v}_conv1d`, `o_norm`, with decay `a_proj`, `A_log` and `dt_bias`, with gate `g_proj` under `p`.
    /// No weight decay on `A_log`, `dt_bias` and the norm.
    ///
    /// - Parameter initialiser: of the projections; nil: as `Parameters.linear`.
    public init(_ p: Parameters, _ shape: Shape, initialiser: Initialiser? = nil, first: FirstDecays = FirstDecays()) {
        self.shape = shape
        let (width, heads, taps) = (shape.width, shape.valueHeads, shape.convolutionWidth)
        let keys = Parameters.product(shape.keyHeads, shape.keyWidth)
        let values = Parameters.product(heads, shape.valueWidth)
        query = p.linear("q_proj", width, keys, initialiser: initialiser)
        key = p.linear("k_proj", width, keys, initialiser: initialiser)
        value = p.linear("v_proj", width, values, initialiser: initialiser)
        rate = p.linear("b_proj", width, heads, initialiser: initialiser)
        queryConvolution = p.shortConvolution("q_conv1d", channels: keys, width: taps, bias: false)
        keyConvolution = p.shortConvolution("k_conv1d", channels: keys, width: taps, bias: false)
        valueConvolution = p.shortConvolution("v_conv1d", channels: values, width: taps, bias: false)
        decay =
            shape.hasDecay
            ? (
                p.linear("a_proj", width, heads, initialiser: initialiser),
                p.parameter("A_log", shape: [heads], weightDecay: false) { stream in
                    let low = max(first.rate.lowerBound, 0.01), high = max(first.rate.upperBound, low)
                    return (0 ..< heads).map { _ in log(low + stream.uniform() * (high - low)) }
                },
                p.parameter("dt_bias", shape: [heads], weightDecay: false) { stream in
                    (0 ..< heads).map { _ in
                        // softplus⁻¹ of a step drawn log-uniformly
                        let low = log(first.step.lowerBound), high = log(first.step.upperBound)
                        let step = max(exp(low + stream.uniform() * (high - low)), max(first.floor, 1e-12))
                        return step + log(-expm1(-step))
                    }
                }
            ) : nil
        gate = shape.hasGate ? p.linear("g_proj", width, values, initialiser: initialiser) : nil
        norm = p.rmsNorm("o_norm", shape.valueWidth, epsilon: shape.normEpsilon)
        output = p.linear("o_proj", values, width, initialiser: initialiser)
    }

    /// Training form, as `Mixer`: [B, T, D] → [B, T, D] from the beginning of the text.
    public func callAsFunction(_ x: Tensor) -> Tensor {
        let q = queryConvolution(query(x), silu: true)
        let k = keyConvolution(key(x), silu: true)
        let v = valueConvolution(value(x), silu: true)
        let heads = split(q, k, v)
        let gates = gates(x)
        return read(
            deltaRule(heads.q, heads.k, heads.v, beta: gates.rate, logDecay: gates.logDecay, scale: scale), x)
    }

    /// A state that has read nothing, for `rows` texts in step.
    public func initialState(rows: Int, scalarType: ScalarType) -> State {
        State(
            query: queryConvolution.makeHistory(rows: rows, scalarType: scalarType),
            key: keyConvolution.makeHistory(rows: rows, scalarType: scalarType),
            value: valueConvolution.makeHistory(rows: rows, scalarType: scalarType),
            matrix: .zeros([rows, shape.valueHeads, shape.keyWidth, shape.valueWidth], scalarType))
    }

    /// Serving form, as `Mixer`: [B, T, D] → [B, T, D]; the recurrence, O(H · K · V) a token.
    public func callAsFunction(_ x: Tensor, position: Int, _ state: inout State) -> Tensor {
        let q = queryConvolution(query(x), silu: true, history: &state.query)
        let k = keyConvolution(key(x), silu: true, history: &state.key)
        let v = valueConvolution(value(x), silu: true, history: &state.value)
        let heads = split(q, k, v)
        let gates = gates(x)
        let o = deltaRule(
            heads.q, heads.k, heads.v, beta: gates.rate, logDecay: gates.logDecay, scale: scale, state: &state.matrix)
        return read(o, x)
    }

    /// β and g [B, T, H] of what the layer reads; g is nil without decay.
    public func gates(_ x: Tensor) -> (rate: Tensor, logDecay: Tensor?) {
        let rate = rate(x).sigmoid()
        let logDecay = decay.map { decay in
            -(decay.logRate.tensor.exp() * (decay.projection(x) + decay.bias.tensor).softplus())
        }
        return (shape.allowsNegativeEigenvalues ? rate * 2 : rate, logDecay)
    }

    /// 1 / √K of the read, and as much again for the length of the queries: see `split`.
    private var scale: Double { 1 / Double(shape.keyWidth) }

    /// Heads of queries (of length √K), keys (of length 1) and values: [B, T, G, K] twice and [B, T, H, V].
    private func split(_ q: Tensor, _ k: Tensor, _ v: Tensor) -> (q: Tensor, k: Tensor, v: Tensor) {
        func heads(_ x: Tensor, _ count: Int, _ width: Int) -> Tensor { x.reshaped([x.extent(0), x.extent(1), count, width]) }
        // x / √(Σ x² + 1e-6) is the root-mean-square norm with 1e-6 / K, over √K.
        let epsilon = 1e-6 / Double(shape.keyWidth)
        let unit = Tensor.full([shape.keyWidth], 1 / Double(shape.keyWidth).squareRoot(), k.scalarType)
        return (
            rmsNorm(heads(q, shape.keyHeads, shape.keyWidth), epsilon: epsilon),
            rmsNorm(heads(k, shape.keyHeads, shape.keyWidth), weight: unit, epsilon: epsilon),
            heads(v, shape.valueHeads, shape.valueWidth)
        )
    }

    /// [B, T, H, V] → [B, T, D]
    private func read(_ o: Tensor, _ x: Tensor) -> Tensor {
        let normed = norm(o).reshaped([x.extent(0), x.extent(1), shape.valueHeads * shape.valueWidth])
        return output(gate.map { swiglu($0(x), normed) } ?? normed)
    }
}
