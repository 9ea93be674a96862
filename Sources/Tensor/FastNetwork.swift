internal import Kernels

/// A network of a few layers whose weights are learned while a text is read: what `fastWeights` trains.
///
/// Its prediction of a value v from a key k is k + N(z), z what its layers make of k, N a layer norm or nothing.
public struct FastNetwork: Sendable, Equatable {
    /// Of the inputs and of each layer's outputs: 1 to 4 layers, the last as wide as the inputs.
    public var widths: [Int]
    /// Whether layers have biases: the last row of their weights.
    public var hasBias: Bool
    /// GELU (tanh) between layers; false: SiLU.
    public var usesGELU: Bool
    /// Tokens whose gradients are taken at the same weights.
    public var chunk: Int
    /// The loss is `lossFactor` / 2 times the squared error of the prediction.
    public var lossFactor: Double
    /// ε of the layer norm, where there is one.
    public var normEpsilon: Double

    /// See the properties.
    public init(
        widths: [Int], hasBias: Bool, usesGELU: Bool, chunk: Int, lossFactor: Double = 1, normEpsilon: Double = 1e-6
    ) {
        precondition(
            (2...5).contains(widths.count) && widths.first == widths.last && chunk >= 1, "FastNetwork of \(widths), \(chunk)")
        self.widths = widths
        self.hasBias = hasBias
        self.usesGELU = usesGELU
        self.chunk = chunk
        self.lossFactor = lossFactor
        self.normEpsilon = normEpsilon
    }

    /// Layers.
    public var depth: Int { widths.count - 1 }
    /// Rows and columns of each layer's weights, biases included.
    public var layers: [(rows: Int, columns: Int)] {
        zip(widths, widths.dropFirst()).map { ($0 + (hasBias ? 1 : 0), $1) }
    }
    /// Numbers in all weights of one head: M.
    public var weightCount: Int { layers.reduce(0) { $0 + $1.rows * $1.columns } }

    var kernelShape: zk_fast_weights {
        let w = widths + [Int](repeating: 0, count: 5 - widths.count)
        return zk_fast_weights(
            layers: Int64(depth), widths: (Int64(w[0]), Int64(w[1]), Int64(w[2]), Int64(w[3]), Int64(w[4])),
            bias: hasBias ? 1 : 0, gelu: usesGELU ? 1 : 0, chunk: Int64(chunk), loss_factor: lossFactor,
            epsilon: normEpsilon)
    }
}
