internal import Glibc
public import SequenceModel
public import Tensor

/// Filters as a small network of the position, under a window that falls off at a speed of its own for each channel: Hyena, section 3.3.
///
/// h[t] = W₄ sin(f ⊙ (W₃ sin(f ⊙ (W₂ sin(f ⊙ (W₁ z_t + b₁)) + b₂)) + b₃)) ⊙ (exp(−t̂ |δ|) + shift), z_t = [t̂; cos f_k ω t; −sin f_k ω t],
/// t̂ = t / (T_max − 1), ω = 2π / T_max. One vector f serves all three sines, as in the authors' file.
public struct ImplicitFilter {
    /// Its sizes.
    public struct Shape: Sendable {
        /// T_max: positions that the filter is defined for. The window and z are relative to it.
        public var positions = 1024
        /// E, odd: numbers that stand for a position.
        public var embedding = 33
        /// O
        public var hidden = 64
        /// First value of f.
        public var frequency = 14.0
        /// The window never falls below.
        public var shift = 0.0
        /// Of z, a table that is trained slowly.
        public var embeddingRateMultiplier = 0.01

        /// The sizes of the authors' language models, 1,024 positions.
        public init() {}
    }

    let shape: Shape
    private let channels: Int
    private let embedding: Parameter
    private let frequency: Parameter
    private let layers: [Linear]

    /// Declares `implicit_filter.0`, `.1.freq`, `.2`, `.4`, `.6` and `pos_emb.z` under `p`, all without weight decay.
    public init(_ shape: Shape, channels: Int, _ p: Parameters) {
        self.shape = shape
        self.channels = channels
        embedding = p.parameter(
            "pos_emb.z", shape: [1, shape.positions, shape.embedding], weightDecay: false,
            learningRateMultiplier: shape.embeddingRateMultiplier
        ) { _ in ImplicitFilter.firstEmbedding(shape) }
        let network = p.scope("implicit_filter")
        frequency = network.parameter(
            "1.freq", shape: [1, shape.hidden], initialiser: .constant(shape.frequency), weightDecay: false)
        let sizes = [shape.embedding, shape.hidden, shape.hidden, shape.hidden, channels]
        layers = (0 ..< 4).map { index in
            let (inputs, outputs) = (sizes[index], sizes[index + 1])
            let initialiser = Initialiser.kaimingUniform(fanIn: inputs)
            let scope = network.scope("\(2 * index)")
            return Linear(
                weight: scope.parameter("weight", shape: [outputs, inputs], initialiser: initialiser, weightDecay: false),
                bias: index == 3 ? nil : scope.parameter("bias", shape: [outputs], initialiser: initialiser))
        }
    }

    /// The filters of positions 0 ..< `length` ≤ T_max: [T, channels].
    public func taps(length: Int) -> Tensor {
        let z = embedding.tensor.reshaped([shape.positions, shape.embedding]).sliced(axis: 0, 0 ..< length)
        var x = z  // [T, E]
        for layer in layers.dropLast() { x = (layer(x) * frequency.tensor).sine() }
        return layers[3](x) * window(length, z.scalarType)
    }

    /// exp(−t̂ |δ|) + shift, δ equally spaced from ln(0.01) / 1.5 to ln(0.01) / 0.3: [T, channels].
    private func window(_ length: Int, _ type: ScalarType) -> Tensor {
        let (slow, fast) = (log(0.01) / 1.5, log(0.01) / 0.3)
        let speeds = (0 ..< channels).map { abs(slow + (fast - slow) * Double($0) / Double(max(1, channels - 1))) }
        let times = (0 ..< length).map { Double($0) / Double(max(1, shape.positions - 1)) }
        let window = (-(Tensor(times, shape: [length, 1], type: type) * Tensor(speeds, shape: [1, channels], type: type))).exp()
        return shape.shift == 0 ? window : window + shape.shift
    }

    /// z of every position, row-major.
    private static func firstEmbedding(_ shape: Shape) -> [Double] {
        let bands = (shape.embedding - 1) / 2
        let frequencies = (0 ..< bands).map { band -> Double in
            bands == 1 ? 1e-4 : 1e-4 + (Double(bands - 1) - 1e-4) * Double(band) / Double(bands - 1)
        }
        return (0 ..< shape.positions).flatMap { t -> [Double] in
            let angles = frequencies.map { $0 * 2 * Double.pi * Double(t) / Double(shape.positions) }
            return [Double(t) / Double(max(1, shape.positions - 1))] + angles.map { cos($0) } + angles.map { -sin($0) }
        }
    }
}
