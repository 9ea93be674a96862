internal import Glibc
public import SequenceModel
public import Tensor

/// A diagonal linear state-space model for each channel, then GELU and a gated projection: S4D (Gu, Gupta, Goel and Ré 2022,
/// arXiv:2206.11893), without norm and residual. Nothing in the recurrence follows the input, so that it is a convolution.
///
/// s_n ← e^{Δ A_n} s_n + B̃_n u;  y = 2 Re Σ_n C_n s_n + D u, with B̃_n = (e^{Δ A_n} − 1) / A_n and A_n = −exp(log_A_real) + i A_imag;
/// out = a ⊙ σ(b), [a; b] = W gelu(y) + bias.
/// Training convolves with K[t] = 2 Re Σ_n C_n B̃_n e^{Δ A_n t}; serving steps the recurrence.
public struct S4DMixer: Mixer {
    /// Its sizes and first values.
    public struct Shape: Sendable {
        /// D, the channels.
        public var width = 256
        /// N / 2 pairs of conjugate states for each channel.
        public var pairs = 32
        /// How first values of Δ are drawn, one for each channel.
        public var steps = StepSizeInitialiser(range: 0.001 ... 0.1)
        /// A factor on the learning rate of Δ and A.
        public var learningRateMultiplier = 1.0

        /// The published sizes at D 256: N = 64.
        public init() {}
    }

    /// What it remembers: of fixed size, whatever it has read. What is made of the parameters stays with it.
    public struct State: ModelState {
        /// s: [B, D, 2, N / 2], real parts first.
        public var scan: Tensor
        let system: System

        /// As `ModelState`: every part, always in the same order.
        public mutating func visit(_ visitor: StateVisitor) throws { try visitor.visit(&scan) }
    }

    /// The recurrence that the parameters stand for, [D, N / 2] each.
    struct System {
        let rate: ComplexTensor, decay: ComplexTensor, amplitude: ComplexTensor
    }

    private let shape: Shape
    private let skip: Parameter
    private let readOut: Parameter
    private let logStep: Parameter
    private let logRealA: Parameter
    private let imaginaryA: Parameter
    private let projection: Parameter
    private let bias: Parameter

    /// Declares `D`, `kernel.C`, `kernel.log_dt`, `kernel.log_A_real`, `kernel.A_imag`, `output_linear.0.weight` and `.bias`
    /// under `p`, with the authors' first values.
    public init(_ shape: Shape, _ p: Parameters) {
        self.shape = shape
        let (width, pairs) = (shape.width, shape.pairs)
        skip = p.parameter("D", shape: [width], initialiser: .normal(1))
        let kernel = p.scope("kernel")
        // A complex standard normal: variance 1/2 for each part.
        readOut = kernel.parameter("C", shape: [width, pairs, 2], initialiser: .normal(0.5.squareRoot()), weightDecay: true)
        func slow(_ name: String, _ sizes: [Int], _ values: @escaping (inout RandomStream) -> [Double]) -> Parameter {
            kernel.parameter(
                name, shape: sizes, weightDecay: false, learningRateMultiplier: shape.learningRateMultiplier, custom: values)
        }
        logStep = slow("log_dt", [width]) { shape.steps.logarithms(width, &$0) }
        logRealA = slow("log_A_real", [width, pairs]) { _ in [Double](repeating: log(0.5), count: width * pairs) }
        imaginaryA = slow("A_imag", [width, pairs]) { _ in (0 ..< width * pairs).map { Double.pi * Double($0 % pairs) } }
        let output = p.scope("output_linear.0")
        let initialiser = Initialiser.kaimingUniform(fanIn: width)
        projection = output.parameter("weight", shape: [2 * width, width, 1], initialiser: initialiser)
        bias = output.parameter("bias", shape: [2 * width], initialiser: initialiser)
    }

    /// Training form, as `Mixer`: [B, T, D] → [B, T, D] from the beginning of the text.
    public func callAsFunction(_ x: Tensor) -> Tensor { output(longConvolution(x, filter: filter(length: x.shape[1]))) }

    /// Serving form, as `Mixer`: [B, T, D] → [B, T, D]; the recurrence, O(D · N) a token.
    public func callAsFunction(_ x: Tensor, position: Int, _ state: inout State) -> Tensor {
        let y = exponentialRecurrence(
            x, decay: state.system.decay, amplitude: state.system.amplitude, state: &state.scan)
        return output(y + x * skip.tensor)
    }

    /// A state that has read nothing, for `rows` texts in step.
    public func initialState(rows: Int, scalarType: ScalarType) -> State {
        State(
            scan: .zeros([rows, shape.width, 2, shape.pairs], scalarType), system: Execution.withoutRecording { system() })
    }

    /// What the layer convolves with, D u as a tap of its own: [T, D].
    public func filter(length: Int) -> Tensor {
        let system = system()
        let taps = exponentialSums(amplitude: system.amplitude, rate: system.rate, length: length)  // [T, D]
        let first = taps.sliced(axis: 0, 0 ..< 1) + skip.tensor
        return length == 1 ? first : concatenate([first, taps.sliced(axis: 0, 1 ..< length)], axis: 0)
    }

    /// Discretised by a zero-order hold.
    private func system() -> System {
        let step = logStep.tensor.exp().reshaped([shape.width, 1])
        let a = ComplexTensor(real: -logRealA.tensor.exp(), imaginary: imaginaryA.tensor)
        let rate = a * step
        let drive = rate.expMinusOne() / a
        return System(rate: rate, decay: rate.exp(), amplitude: ComplexTensor(pairs: readOut.tensor) * drive * 2)
    }

    private func output(_ y: Tensor) -> Tensor {
        let width = shape.width
        let both = linear(
            y.gelu(), weight: projection.tensor.reshaped([2 * width, width]), bias: bias.tensor)  // [B, T, 2 D]
        return both.sliced(axis: 2, 0 ..< width) * both.sliced(axis: 2, width ..< 2 * width).sigmoid()
    }
}
