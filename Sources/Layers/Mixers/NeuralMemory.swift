public import SequenceModel
public import Tensor

/// The long-term memory of Titans: a small network for each head that learns values from keys while the text is read, by gradient descent
/// with momentum (past surprise) and forgetting. Source: Behrouz, Zhong and Mirrokni, arXiv:2501.00663, section 3.1 and 3.2.
///
/// q, k, v = SiLU(conv(W x)), q and k of length 1;  rate θ = θ_max σ(·), momentum η = σ(·), forgetting α = σ(·), each from the token;
/// S ← η S − θ ∇‖k + f_M(k) − v‖²;  M ← (1 − α) M + S;  reads q + f_M(q). Gradients of a chunk of tokens are taken at the weights it began
/// with: with chunks of one token this is the online rule.
public struct NeuralMemory {
    /// The sizes.
    public struct Shape: Sendable {
        /// D
        public var width: Int
        /// H, which divides D.
        public var heads: Int
        /// Layers of the network, 1 to 4.
        public var depth = 2
        /// Widths of the layers between over K.
        public var expansion = 2
        /// Tokens whose gradients are taken at the same weights.
        public var chunk = 32
        /// Taps of the convolutions.
        public var convolutionWidth = 4
        /// θ_max
        public var maximumRate = 0.1

        /// See the properties; the others keep their defaults.
        public init(width: Int, heads: Int) {
            self.width = width
            self.heads = heads
        }

        /// K
        public var headWidth: Int { width / heads }
    }

    /// What it remembers: of fixed size, whatever it has read.
    public struct State: ModelState {
        /// M, S and the weights that the present chunk began with.
        public var fast: FastWeightsState
        /// The last inputs of the convolutions of queries, keys and values, oldest first: [B, W − 1, D] each.
        public var history: [Tensor]

        /// As `ModelState`: every part, always in the same order.
        public mutating func visit(_ visitor: StateVisitor) throws {
            try visitor.visit(&fast.weights)
            try visitor.visit(&fast.momentum)
            if var origin = fast.origin {
                fast.origin = nil
                try visitor.visit(&origin)
                fast.origin = origin
            }
            for index in history.indices { try visitor.visit(&history[index]) }
        }
    }

    /// The sizes.
    public let shape: Shape
    /// The network that is learned.
    public let network: FastNetwork
    /// Of queries, keys and values.
    let projections: [Linear]
    let convolutions: [ShortConvolution]
    private let rate: Linear
    private let momentum: Linear
    private let forgetting: Linear
    /// [H, rows, columns] of each layer, where every text begins.
    private let first: [Parameter]

    /// Declares `{q,k,v}_proj`, `{q,k,v}_conv1d`, `rate`, `momentum`, `forgetting` and `memory.0`, `memory.1`, … under `p`. At first about a
    /// hundredth is forgotten at each token, and the rate is a twentieth of its maximum.
    public init(_ p: Parameters, _ shape: Shape, initialiser: Initialiser? = nil) {
        self.shape = shape
        let (width, heads, inner) = (shape.width, shape.heads, shape.headWidth)
        let names = ["q", "k", "v"]
        projections = names.map { p.linear("\($0)_proj", width, width, initialiser: initialiser) }
        convolutions = names.map {
            p.shortConvolution("\($0)_conv1d", channels: width, width: shape.convolutionWidth, bias: false)
        }
        func gate(_ name: String, _ bias: Double) -> Linear {
            p.linear(name, width, heads, bias: true, initialiser: initialiser, biasInitialiser: .constant(bias))
        }
        rate = gate("rate", -3)
        momentum = gate("momentum", 0)
        forgetting = gate("forgetting", -4.6)
        let widths = [inner] + [Int](repeating: Parameters.product(shape.expansion, inner), count: shape.depth - 1) + [inner]
        network = FastNetwork(widths: widths, hasBias: false, usesGELU: false, chunk: shape.chunk, lossFactor: 2)
        first = zip(widths, widths.dropFirst()).enumerated().map { index, size in
            p.parameter(
                "memory.\(index)", shape: [heads, size.0, size.1],
                initialiser: .normal(1 / Double(max(1, size.0)).squareRoot()))
        }
    }

    /// What x [B, T, D] reads from the beginning of the text, each token after it was learned: [B, T, D].
    public func callAsFunction(_ x: Tensor) -> Tensor {
        let (q, k, v) = vectors(x) { $1(projections[$0](x), silu: true) }
        return merged(fastWeights(network, q, k, v, weights: initialWeights, norm: nil, rule: rule(x)))
    }

    /// The same after what `state` holds, `position` tokens.
    public func callAsFunction(_ x: Tensor, position: Int, _ state: inout State) -> Tensor {
        let (q, k, v) = next(x, &state)
        return merged(
            fastWeights(network, q, k, v, norm: nil, rule: rule(x), position: position, state: &state.fast).output)
    }

    /// The squared error ‖k + f_M(k) − v‖² of each token before it was learned: [B, T, H].
    public func surprise(_ x: Tensor) -> Tensor {
        var state = initialState(rows: x.extent(0), scalarType: x.scalarType)
        return watched(x, position: 0, &state).surprise
    }

    /// What serving reads, and the surprise of each token [B, T, H].
    public func watched(_ x: Tensor, position: Int, _ state: inout State) -> (output: Tensor, surprise: Tensor) {
        let (q, k, v) = next(x, &state)
        let rule = rule(x)
        let found = fastWeights(
            network, q, k, v, norm: nil, rule: rule, position: position, state: &state.fast, wantsSurprise: true)
        return (merged(found.output), found.surprise ?? .zeros([x.extent(0), x.extent(1), shape.heads], x.scalarType))
    }

    /// A state that has read nothing.
    public func initialState(rows: Int, scalarType: ScalarType) -> State {
        State(
            fast: FastWeightsState(initial: initialWeights, rows: rows, hasOrigin: true),
            history: convolutions.map { $0.makeHistory(rows: rows, scalarType: scalarType) })
    }

    // MARK: - Segment by segment, recorded for gradients

    /// `initialWeights` for each of `rows` texts: [B, H, M].
    public func initialWeights(rows: Int) -> Tensor {
        initialWeights.reshaped([1, shape.heads, network.weightCount]).broadcast(to: [rows, shape.heads, network.weightCount])
    }

    /// What x [B, T, D] reads at the weights [B, H, M], which stay as they are: [B, T, D]. `history` holds the last inputs of the
    /// convolution and is moved on.
    public func recall(_ x: Tensor, at weights: Tensor, history: inout Tensor) -> Tensor {
        let q = unit(convolved(0, x, &history)).transposed([0, 2, 1, 3])  // [B, H, T, K]
        var y = q
        var begin = 0
        for (index, layer) in network.layers.enumerated() {
            let end = begin + layer.rows * layer.columns
            let matrix = weights.sliced(axis: 2, begin ..< end)
                .reshaped([x.extent(0), shape.heads, layer.rows, layer.columns])
            y = matmul(index == 0 ? y : y.silu(), matrix)
            begin = end
        }
        return merged((q + y).transposed([0, 2, 1, 3]))
    }

    /// What x [B, T, D], a chunk or the last part of a text, reads while it is learned from the weights and the momentum [B, H, M]: [B, T, D],
    /// and those afterwards. `history` is moved on.
    public func learn(
        _ x: Tensor, _ weights: Tensor, _ momentum: Tensor, history: inout [Tensor]
    ) -> (output: Tensor, next: (weights: Tensor, momentum: Tensor)) {
        let q = unit(convolved(0, x, &history[0])), k = unit(convolved(1, x, &history[1]))
        let v = split(convolved(2, x, &history[2]))
        let found = fastWeights(network, q, k, v, from: weights, momentum, rule: rule(x))
        return (merged(found.output), (found.weights, found.momentum))
    }

    /// Projection and convolution `index` of x after `history`, which is moved on.
    private func convolved(_ index: Int, _ x: Tensor, _ history: inout Tensor) -> Tensor {
        let past = history.extent(1), length = x.extent(1)
        let inputs = concatenate([history, projections[index](x)], axis: 1)  // [B, W − 1 + T, D]
        history = inputs.sliced(axis: 1, length ..< length + past)
        return convolutions[index](inputs, silu: true).sliced(axis: 1, past ..< past + length)
    }

    /// [H, M]: layer after layer.
    public var initialWeights: Tensor {
        concatenate(first.map { $0.tensor.reshaped([shape.heads, -1]) }, axis: 1)
    }

    /// The gates of each token.
    public func rule(_ x: Tensor) -> FastRule {
        .momentum(
            rate: rate(x).sigmoid() * shape.maximumRate, momentum: momentum(x).sigmoid(), forgetting: forgetting(x).sigmoid())
    }

    /// [B, T, H, K] → [B, T, D]
    public func merged(_ o: Tensor) -> Tensor { o.reshaped([o.extent(0), o.extent(1), shape.width]) }

    private func next(_ x: Tensor, _ state: inout State) -> (q: Tensor, k: Tensor, v: Tensor) {
        vectors(x) { $1(projections[$0](x), silu: true, history: &state.history[$0]) }
    }

    /// Queries and keys of length 1, and values: [B, T, H, K], from what `convolved` gives for each of the three.
    private func vectors(
        _ x: Tensor, _ convolved: (Int, ShortConvolution) -> Tensor
    ) -> (q: Tensor, k: Tensor, v: Tensor) {
        (
            unit(convolved(0, convolutions[0])), unit(convolved(1, convolutions[1])), split(convolved(2, convolutions[2]))
        )
    }

    /// [B, T, D] → [B, T, H, K]
    public func split(_ x: Tensor) -> Tensor { x.reshaped([x.extent(0), x.extent(1), shape.heads, shape.headWidth]) }

    /// The same, each head x / √(Σ x² + 1e-6): the root-mean-square norm with 1e-6 / K, over √K.
    public func unit(_ x: Tensor) -> Tensor {
        let width = Double(shape.headWidth)
        let weight = Tensor.full([shape.headWidth], 1 / width.squareRoot(), x.scalarType)
        return rmsNorm(split(x), weight: weight, epsilon: 1e-6 / width)
    }
}
