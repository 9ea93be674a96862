internal import Glibc
public import SequenceModel
public import Tensor

/// The selective scan between two gates: Mamba (Gu and Dao 2023, arXiv:2312.00752), without norm and residual.
///
/// [u; z] = W_in x;  u ← silu(conv(u));  [δ; B; C] = W_x u;  Δ = softplus(W_dt δ + b_dt);
/// h ← exp(Δ A) ⊙ h + Δ B u;  y = C h + D u;  out = W_out (y ⊙ silu(z)), with A = −exp(A_log).
/// With `eigenvalues` in [−1, 1], 2 exp(Δ A) − 1 multiplies h.
public struct MambaMixer: Mixer {
    /// Its sizes and first values.
    public struct Shape: Sendable {
        /// D
        public var width = 256
        /// C
        public var channels = 512
        /// N
        public var states = 16
        /// R, the rank of the step size's projection.
        public var rank = 16
        /// Taps of the short convolution, the present token's included.
        public var convolutionWidth = 4
        /// Layers of the model: W_out starts smaller by the square root of it.
        public var layerCount = 1
        /// How first values of b_dt are drawn: softplus of them is such a step.
        public var steps = StepSizeInitialiser(range: 0.001 ... 0.1, floor: 1e-4)
        /// Whether W_in and W_out have biases.
        public var bias = false
        /// Whether the short convolution has one.
        public var convolutionBias = true
        /// What h may be multiplied with.
        public var eigenvalues = EigenvalueRange.zeroToOne

        /// The published sizes at D 256.
        public init() {}
    }

    /// What it remembers: of fixed size, whatever it has read.
    public struct State: ModelState {
        /// The last inputs of the convolution, oldest first: [B, width − 1, C].
        public var convolution: Tensor
        /// h: [B, C, N].
        public var scan: Tensor

        /// As `ModelState`: every part, always in the same order.
        public mutating func visit(_ visitor: StateVisitor) throws {
            try visitor.visit(&convolution)
            try visitor.visit(&scan)
        }
    }

    private let shape: Shape
    private let projectionIn: Linear
    private let convolution: ShortConvolution
    private let selection: Linear
    private let timeStep: Linear
    private let logA: Parameter
    private let skip: Parameter
    private let projectionOut: Linear

    /// Declares `A_log`, `D`, `conv1d`, `in_proj`, `x_proj`, `dt_proj` and `out_proj` under `p`, with the authors' first values.
    public init(_ shape: Shape, _ p: Parameters) {
        self.shape = shape
        let (width, channels, states, rank) = (shape.width, shape.channels, shape.states, shape.rank)
        // log 1, log 2, … log N for every channel: S4D's real initialisation (arXiv:2206.11893).
        logA = p.parameter("A_log", shape: [channels, states], weightDecay: false) { _ in
            (0 ..< channels * states).map { log(Double($0 % states + 1)) }
        }
        skip = p.parameter("D", shape: [channels], initialiser: .ones)
        convolution = p.shortConvolution(
            "conv1d", channels: channels, width: shape.convolutionWidth, bias: shape.convolutionBias)
        projectionIn = p.linear("in_proj", width, 2 * channels, bias: shape.bias)
        selection = p.linear("x_proj", channels, rank + 2 * states)
        let bound = 1 / Double(rank).squareRoot()
        timeStep = Linear(
            weight: p.parameter("dt_proj.weight", shape: [channels, rank], initialiser: .uniform(from: -bound, to: bound)),
            bias: p.parameter("dt_proj.bias", shape: [channels]) { shape.steps.biases(channels, &$0) })
        let outBound = 1 / (Double(channels) * Double(shape.layerCount)).squareRoot()
        projectionOut = p.linear(
            "out_proj", channels, width, bias: shape.bias, initialiser: .uniform(from: -outBound, to: outBound))
    }

    /// Training form, as `Mixer`: [B, T, D] → [B, T, D] from the beginning of the text.
    public func callAsFunction(_ x: Tensor) -> Tensor {
        let (u, z) = split(projectionIn(x))  // [B, T, C] each
        let v = convolution(u, silu: true)
        let (delta, b, readOut) = select(v)
        let y = selectiveScan(
            u: v, delta: delta, a: -logA.tensor.exp(), b: b, c: readOut, d: skip.tensor, z: z,
            eigenvalues: shape.eigenvalues)  // [B, T, C]
        return projectionOut(y)
    }

    /// Serving form, as `Mixer`: [B, T, D] → [B, T, D]; the recurrence, O(C · N) a token.
    public func callAsFunction(_ x: Tensor, position: Int, _ state: inout State) -> Tensor {
        let (u, z) = split(projectionIn(x))  // [B, T, C] each
        let v = convolution(u, silu: true, history: &state.convolution)
        let (delta, b, readOut) = select(v)
        let y = selectiveScan(
            u: v, delta: delta, a: -logA.tensor.exp(), b: b, c: readOut, d: skip.tensor, z: z,
            eigenvalues: shape.eigenvalues, state: &state.scan)  // [B, T, C]
        return projectionOut(y)
    }

    /// A state that has read nothing, for `rows` texts in step.
    public func initialState(rows: Int, scalarType: ScalarType) -> State {
        State(
            convolution: convolution.makeHistory(rows: rows, scalarType: scalarType),
            scan: .zeros([rows, shape.channels, shape.states], scalarType))
    }

    /// Δ [B, T, C] for x, from the beginning of the text.
    public func stepSizes(_ x: Tensor) -> Tensor { select(convolution(split(projectionIn(x)).0, silu: true)).delta }

    /// [B, T, 2 C] → two of [B, T, C]
    private func split(_ x: Tensor) -> (Tensor, Tensor) {
        (x.sliced(axis: 2, 0 ..< shape.channels), x.sliced(axis: 2, shape.channels ..< 2 * shape.channels))
    }

    /// Step size [B, T, C] and what is written and read, [B, T, N] each.
    private func select(_ v: Tensor) -> (delta: Tensor, b: Tensor, c: Tensor) {
        let (rank, states) = (shape.rank, shape.states)
        let selected = selection(v)  // [B, T, R + 2 N]
        return (
            timeStep(selected.sliced(axis: 2, 0 ..< rank)).softplus(),
            selected.sliced(axis: 2, rank ..< rank + states),
            selected.sliced(axis: 2, rank + states ..< rank + 2 * states)
        )
    }
}
