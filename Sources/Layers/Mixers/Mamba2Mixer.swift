internal import Glibc
public import SequenceModel
public import Tensor

/// State-space duality between a short convolution and a gated norm: Mamba-2 (Dao and Gu 2024, arXiv:2405.21060), without norm
/// and residual before it.
///
/// [z; x; B; C; δ] = W_in u;  [x; B; C] ← silu(conv([x; B; C]));  Δ = clamp(softplus(δ + b_dt));
/// S ← exp(Δ A) S + Δ x Bᵀ;  y = S C + D x;  out = W_out (w ⊙ GroupRMS(y ⊙ silu(z))), with one A = −exp(A_log) for each head.
/// With `eigenvalues` in [−1, 1], 2 exp(Δ A) − 1 multiplies S.
public struct Mamba2Mixer: Mixer {
    /// Its sizes and first values.
    public struct Shape: Sendable {
        /// D
        public var width = 256
        /// H
        public var heads = 8
        /// P
        public var headWidth = 64
        /// G, groups of heads that share B and C; divides H.
        public var groups = 1
        /// N
        public var states = 128
        /// Taps of the short convolution, the present token's included.
        public var convolutionWidth = 4
        /// Layers of the model: W_out starts smaller by the square root of it.
        public var layerCount = 1
        /// How first values of b_dt are drawn: softplus of them is such a step.
        public var steps = StepSizeInitialiser(range: 0.001 ... 0.1, floor: 1e-4)
        /// Δ is never below.
        public var smallestStep = 0.0
        /// The bound above; nil: none.
        public var largestStep: Double?
        /// Added to the mean square under the root.
        public var normEpsilon = 1e-5
        /// Whether W_in and W_out have biases.
        public var bias = false
        /// Whether the short convolution has one.
        public var convolutionBias = true
        /// What S may be multiplied with.
        public var eigenvalues = EigenvalueRange.zeroToOne

        /// The published sizes at D 256, from zero to any step.
        public init() {}

        /// C = H · P
        public var channels: Int { Parameters.product(heads, headWidth) }
        /// What goes through the convolution: x, B and C.
        var convolved: Int { channels + 2 * Parameters.product(groups, states) }
    }

    /// What it remembers: of fixed size, whatever it has read.
    public struct State: ModelState {
        /// The last inputs of the convolution, oldest first: [B, width − 1, C + 2 G N].
        public var convolution: Tensor
        /// S: [B, H, P, N].
        public var memory: Tensor

        /// As `ModelState`: every part, always in the same order.
        public mutating func visit(_ visitor: StateVisitor) throws {
            try visitor.visit(&convolution)
            try visitor.visit(&memory)
        }
    }

    private struct Inputs {
        let z: Tensor, x: Tensor, step: Tensor, decay: Tensor, b: Tensor, c: Tensor
    }

    private let shape: Shape
    private let projectionIn: Linear
    private let convolution: ShortConvolution
    private let stepBias: Parameter
    private let logA: Parameter
    private let skip: Parameter
    private let norm: RMSNorm
    private let projectionOut: Linear

    /// Declares `dt_bias`, `A_log`, `D`, `conv1d`, `in_proj`, `norm` and `out_proj` under `p`, with the authors' first values.
    public init(_ shape: Shape, _ p: Parameters) {
        self.shape = shape
        let heads = shape.heads
        stepBias = p.parameter("dt_bias", shape: [heads]) { shape.steps.biases(heads, &$0) }
        logA = p.parameter("A_log", shape: [heads], weightDecay: false) { stream in
            (0 ..< heads).map { _ in log(1 + 15 * stream.uniform()) }
        }
        skip = p.parameter("D", shape: [heads], initialiser: .ones)
        convolution = p.shortConvolution(
            "conv1d", channels: shape.convolved, width: shape.convolutionWidth, bias: shape.convolutionBias)
        projectionIn = p.linear("in_proj", shape.width, shape.channels + shape.convolved + heads, bias: shape.bias)
        norm = p.rmsNorm("norm", shape.channels, epsilon: shape.normEpsilon)
        let bound = 1 / (Double(shape.channels) * Double(shape.layerCount)).squareRoot()
        projectionOut = p.linear(
            "out_proj", shape.channels, shape.width, bias: shape.bias, initialiser: .uniform(from: -bound, to: bound))
    }

    /// Training form, as `Mixer`: [B, T, D] → [B, T, D] from the beginning of the text.
    public func callAsFunction(_ u: Tensor) -> Tensor {
        let i = inputs(u) { convolution($0, silu: true) }
        let y = stateSpaceDuality(i.x, step: i.step, decay: i.decay, b: i.b, c: i.c, skip: skip.tensor)  // [B, T, H, P]
        return output(y, i.z)
    }

    /// Serving form, as `Mixer`: [B, T, D] → [B, T, D]; the recurrence, O(H · P · N) a token.
    public func callAsFunction(_ u: Tensor, position: Int, _ state: inout State) -> Tensor {
        let i = inputs(u) { convolution($0, silu: true, history: &state.convolution) }
        let y = stateSpaceDuality(
            i.x, step: i.step, decay: i.decay, b: i.b, c: i.c, skip: skip.tensor, state: &state.memory)  // [B, T, H, P]
        return output(y, i.z)
    }

    /// A state that has read nothing, for `rows` texts in step.
    public func initialState(rows: Int, scalarType: ScalarType) -> State {
        State(
            convolution: convolution.makeHistory(rows: rows, scalarType: scalarType),
            memory: .zeros([rows, shape.heads, shape.headWidth, shape.states], scalarType))
    }

    /// What multiplies S at each token, [B, T, H], from the beginning of the text.
    public func decays(_ u: Tensor) -> Tensor { step(projectionIn(u)).decay }

    /// Δ and what multiplies S, [B, T, H] each, of what W_in made.
    private func step(_ projected: Tensor) -> (size: Tensor, decay: Tensor) {
        let heads = shape.heads, begin = shape.channels + shape.convolved
        var size = (projected.sliced(axis: 2, begin ..< begin + heads) + stepBias.tensor).softplus()
        if shape.smallestStep > 0 { size = size + (shape.smallestStep - size).relu() }
        if let largest = shape.largestStep { size = size - (size - largest).relu() }
        return (size, shape.eigenvalues.transition(size * -logA.tensor.exp()))
    }

    private func inputs(_ u: Tensor, _ convolve: (Tensor) -> Tensor) -> Inputs {
        let (rows, tokens) = (u.shape[0], u.shape[1])
        let (channels, inner) = (shape.channels, shape.groups * shape.states)
        let projected = projectionIn(u)  // [B, T, 2 C + 2 G N + H]
        let convolved = convolve(projected.sliced(axis: 2, channels ..< channels + shape.convolved))
        func part(_ range: Range<Int>, _ shape: [Int]) -> Tensor {
            convolved.sliced(axis: 2, range).reshaped([rows, tokens] + shape)
        }
        let step = step(projected)
        return Inputs(
            z: projected.sliced(axis: 2, 0 ..< channels), x: part(0 ..< channels, [shape.heads, shape.headWidth]),
            step: step.size, decay: step.decay, b: part(channels ..< channels + inner, [shape.groups, shape.states]),
            c: part(channels + inner ..< channels + 2 * inner, [shape.groups, shape.states]))
    }

    /// W_out of the gated norm; the gate comes first.
    private func output(_ y: Tensor, _ z: Tensor) -> Tensor {
        let gated = swiglu(z, y.reshaped(z.shape))  // [B, T, C]
        guard shape.groups > 1 else { return projectionOut(norm(gated)) }
        let grouped = gated.reshaped([z.shape[0], z.shape[1], shape.groups, shape.channels / shape.groups])
        let even = rmsNorm(grouped, epsilon: norm.epsilon).reshaped(z.shape)  // [B, T, C]
        return projectionOut(norm.weight.map { even * $0.tensor } ?? even)
    }
}
