public import SequenceModel
public import Tensor

/// Attention's place taken by a small network for each head that is trained on the text while it is read, to tell the value from the
/// key: TTT-Linear and TTT-MLP. Source: Sun et al., arXiv:2407.04620.
///
/// q, k, v of mini-batches of b tokens (turned by their place in the mini-batch); inner loss ½ ‖k + LN(f(k)) − v‖², gradients at the weights
/// the mini-batch began with, step size max(0, 1/(i + 1) + τ_i) · base · σ(w x_j + c) / K from token j as seen by token i ≥ j;
/// y = W_o (LN(q + LN(f_i(q))) [⊙ GELU(W_g x)])
public struct TestTimeTraining: Mixer {
    /// The sizes.
    public struct Shape: Sendable {
        /// D
        public var width: Int
        /// H, which divides D.
        public var heads: Int
        /// Widths of the hidden layer over K; nil: one layer (TTT-Linear).
        public var expansion: Int?
        /// b
        public var miniBatch = 16
        /// Factor of all inner steps.
        public var baseRate = 1.0
        /// Whether the output passes a gate.
        public var hasGate = false
        /// Taps of the convolutions that tell queries and keys of one projection apart; nil: a projection for each.
        public var sharedConvolutionWidth: Int?
        /// Base of the rotary angles.
        public var theta = 10_000.0

        /// See the properties; the others keep their defaults.
        public init(width: Int, heads: Int, expansion: Int?) {
            self.width = width
            self.heads = heads
            self.expansion = expansion
        }

        /// K
        public var headWidth: Int { width / heads }
    }

    /// What it remembers: of fixed size, whatever it has read.
    public struct State: ModelState {
        /// Weights, and what the present mini-batch has collected.
        public var fast: FastWeightsState
        /// The last inputs of the convolutions [B, W − 1, D], with a shared projection.
        public var history: [Tensor]

        /// As `ModelState`: every part, always in the same order.
        public mutating func visit(_ visitor: StateVisitor) throws {
            try visitor.visit(&fast.weights)
            try visitor.visit(&fast.momentum)
            for index in history.indices { try visitor.visit(&history[index]) }
        }
    }

    /// The sizes.
    public let shape: Shape
    private let query: Linear
    private let key: Linear?
    private let value: Linear
    private let gate: Linear?
    private let output: Linear
    /// Of queries and keys.
    private let convolutions: [ShortConvolution]
    /// W and b of each layer of the inner network, where every text begins.
    private let first: [(weight: Parameter, bias: Parameter)]
    private let rateWeight: Parameter
    private let rateBias: Parameter
    private let places: Parameter
    private let normWeight: Parameter
    private let normBias: Parameter
    private let postNorm: LayerNorm
    private let network: FastNetwork
    private let rotary: CyclicRotary

    /// Declares the authors' names under `p`: `{q,k,v,o,g}_proj`, `conv_q` and `conv_k`, `W1`, `b1` (`W2`, `b2`), `learnable_ttt_lr_weight`,
    /// `learnable_ttt_lr_bias`, `learnable_token_idx`, `ttt_norm_weight`, `ttt_norm_bias`, `post_norm`. No weight decay on the norms, the
    /// biases and `learnable_token_idx`.
    ///
    /// - Parameter initialiser: of projections and first inner weights.
    public init(_ p: Parameters, _ shape: Shape, initialiser: Initialiser = .normal(0.02)) {
        self.shape = shape
        let (width, heads, inner) = (shape.width, shape.heads, shape.headWidth)
        query = p.linear("q_proj", width, width, initialiser: initialiser)
        key = shape.sharedConvolutionWidth == nil ? p.linear("k_proj", width, width, initialiser: initialiser) : nil
        value = p.linear("v_proj", width, width, initialiser: initialiser)
        gate = shape.hasGate ? p.linear("g_proj", width, width, initialiser: initialiser) : nil
        output = p.linear("o_proj", width, width, initialiser: initialiser)
        convolutions =
            shape.sharedConvolutionWidth.map { taps in
                ["conv_q", "conv_k"].map { p.shortConvolution($0, channels: width, width: taps) }
            } ?? []
        let widths = [inner] + (shape.expansion.map { [Parameters.product($0, inner)] } ?? []) + [inner]
        first = zip(widths, widths.dropFirst()).enumerated().map { index, size in
            (
                p.parameter("W\(index + 1)", shape: [heads, size.0, size.1], initialiser: initialiser),
                p.parameter("b\(index + 1)", shape: [heads, 1, size.1], weightDecay: false)
            )
        }
        rateWeight = p.parameter("learnable_ttt_lr_weight", shape: [heads, 1, width], initialiser: initialiser)
        rateBias = p.parameter("learnable_ttt_lr_bias", shape: [heads, 1], weightDecay: false)
        places = p.parameter("learnable_token_idx", shape: [shape.miniBatch])
        normWeight = p.parameter("ttt_norm_weight", shape: [heads, inner], initialiser: .ones, weightDecay: false)
        normBias = p.parameter("ttt_norm_bias", shape: [heads, inner], weightDecay: false)
        postNorm = p.layerNorm("post_norm", width, epsilon: 1e-6)
        network = FastNetwork(widths: widths, hasBias: true, usesGELU: true, chunk: shape.miniBatch)
        rotary = CyclicRotary(pairs: inner / 2, theta: shape.theta, period: shape.miniBatch)
    }

    /// Training form, as `Mixer`: [B, T, D] → [B, T, D] from the beginning of the text.
    public func callAsFunction(_ x: Tensor) -> Tensor {
        let shared = query(x)
        let q = convolutions.isEmpty ? shared : convolutions[0](shared, silu: false)
        let k = key.map { $0(x) } ?? convolutions[1](shared, silu: false)
        let o = fastWeights(
            network, turned(q, 0), turned(k, 0), split(value(x)), weights: initialWeights, norm: norm, rule: rule(x))
        return read(o, x)
    }

    /// A state that has read nothing, for `rows` texts in step.
    public func initialState(rows: Int, scalarType: ScalarType) -> State {
        State(
            fast: FastWeightsState(initial: initialWeights, rows: rows, hasOrigin: false),
            history: convolutions.map { $0.makeHistory(rows: rows, scalarType: scalarType) })
    }

    /// Serving form, as `Mixer`: [B, T, D] → [B, T, D]; the dual form of what is left of the mini-batch, O(H · M) a token for M inner weights.
    public func callAsFunction(_ x: Tensor, position: Int, _ state: inout State) -> Tensor {
        let shared = query(x)
        let q = convolutions.isEmpty ? shared : convolutions[0](shared, silu: false, history: &state.history[0])
        let k = key.map { $0(x) } ?? convolutions[1](shared, silu: false, history: &state.history[1])
        let o = fastWeights(
            network, turned(q, position), turned(k, position), split(value(x)), norm: norm, rule: rule(x), position: position,
            state: &state.fast)
        return read(o.output, x)
    }

    /// [H, M]: of each layer the weights, then the bias.
    private var initialWeights: Tensor {
        let heads = shape.heads
        return concatenate(
            first.flatMap { [$0.weight.tensor.reshaped([heads, -1]), $0.bias.tensor.reshaped([heads, -1])] }, axis: 1)
    }

    private var norm: (weight: Tensor, bias: Tensor) { (normWeight.tensor, normBias.tensor) }

    /// The step of each token, and how much of it each place of a mini-batch sees.
    private func rule(_ x: Tensor) -> FastRule {
        let rate = linear(
            x, weight: rateWeight.tensor.reshaped([shape.heads, shape.width]), bias: rateBias.tensor.reshaped([shape.heads]))
        let means = Tensor((0 ..< shape.miniBatch).map { 1 / Double($0 + 1) }, shape: [shape.miniBatch], type: x.scalarType)
        return .places(
            rate: rate.sigmoid() * (shape.baseRate / Double(shape.headWidth)), places: (means + places.tensor).relu())
    }

    /// [B, T, D] → [B, T, H, K]
    private func split(_ x: Tensor) -> Tensor { x.reshaped([x.extent(0), x.extent(1), shape.heads, shape.headWidth]) }

    private func turned(_ x: Tensor, _ position: Int) -> Tensor { rotary(split(x), from: position) }

    private func read(_ o: Tensor, _ x: Tensor) -> Tensor {
        let y = postNorm(o.reshaped(x.shape))
        return output(gate.map { $0(x).geluTanh() * y } ?? y)
    }
}
