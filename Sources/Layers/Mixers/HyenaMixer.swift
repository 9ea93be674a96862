public import SequenceModel
public import Tensor

/// Long convolutions between multiplicative gates: the operator of Hyena (Poli et al. 2023, arXiv:2302.10866), without norm and
/// residual. What is convolved follows the input through the gates; the filters do not.
///
/// [x₀; … x_{p−1}; v] = conv₃(W_in u);  for j = p − 1 … 1: v ← h_j * (x_j ⊙ v) + D_j ⊙ (x_j ⊙ v);  out = W_out (x₀ ⊙ v)
public struct HyenaMixer: Mixer {
    /// Its sizes and the kind of its filters.
    public struct Shape: Sendable {
        /// D
        public var width = 256
        /// p, at least 2: there are p gates and p − 1 long convolutions.
        public var order = 2
        /// Of the short convolution.
        public var convolutionWidth = 3
        /// Where the filters come from.
        public var filter = FilterKind.implicit(ImplicitFilter.Shape())
        /// Of W_in and W_out; nil: PyTorch's.
        public var initialiser: Initialiser?
        /// Of W_out alone; nil: as `initialiser`.
        public var outputInitialiser: Initialiser?

        /// Order 2 with implicit filters, D 256.
        public init() {}
    }

    /// Where the filters come from.
    public enum FilterKind: Sendable {
        /// A network of the position: decoding reads everything before.
        case implicit(ImplicitFilter.Shape)
        /// So many poles for each channel: decoding has a state of fixed size.
        case modal(Int)
    }

    private enum Filter {
        case implicit(ImplicitFilter)
        case modal(ModalFilter)
    }

    /// What one long convolution remembers.
    enum Memory {
        /// All inputs, and the filter as far as it goes.
        case inputs(KeyValueCache, taps: Tensor)
        /// A recurrence's state [B, D, 2, N], and what the recurrence is.
        case modes(Tensor, ModalFilter.System)
    }

    /// What it remembers: the last inputs of the short convolution, and for each long one all inputs (implicit filters) or a state of fixed
    /// size (modal ones).
    public struct State: ModelState {
        var convolution: Tensor
        var memories: [Memory]

        /// As `ModelState`: every part, always in the same order.
        public mutating func visit(_ visitor: StateVisitor) throws {
            try visitor.visit(&convolution)
            for index in memories.indices {
                switch memories[index] {
                case .inputs(var cache, let taps):
                    try cache.visit(visitor)
                    memories[index] = .inputs(cache, taps: taps)
                case .modes(var state, let system):
                    try visitor.visit(&state)
                    memories[index] = .modes(state, system)
                }
            }
        }
    }

    private let shape: Shape
    private let projectionIn: Linear
    private let projectionOut: Linear
    private let convolution: ShortConvolution
    private let skip: Parameter
    private let filter: Filter

    /// Declares `in_proj`, `out_proj`, `short_filter`, `filter_fn.bias` and the filter's own parameters under `filter_fn`.
    public init(_ shape: Shape, _ p: Parameters) {
        self.shape = shape
        let (width, order) = (shape.width, shape.order)
        let all = Parameters.product(order + 1, width), filters = Parameters.product(order - 1, width)
        projectionIn = p.linear(
            "in_proj", width, all, bias: true, initialiser: shape.initialiser,
            biasInitialiser: shape.initialiser == nil ? .kaimingUniform(fanIn: width) : .zeros)
        projectionOut = p.linear(
            "out_proj", width, width, bias: true, initialiser: shape.outputInitialiser ?? shape.initialiser,
            biasInitialiser: shape.initialiser == nil ? .kaimingUniform(fanIn: width) : .zeros)
        convolution = p.shortConvolution("short_filter", channels: all, width: shape.convolutionWidth)
        let scope = p.scope("filter_fn")
        skip = scope.parameter("bias", shape: [filters], initialiser: .normal(1))
        switch shape.filter {
        case .implicit(let inner): filter = .implicit(ImplicitFilter(inner, channels: filters, scope))
        case .modal(let states): filter = .modal(ModalFilter(channels: filters, states: states, scope))
        }
    }

    /// Positions that the filters know; nil: all. A longer text is the caller's to refuse.
    public var positions: Int? {
        if case .implicit(let filter) = filter { return filter.shape.positions }
        return nil
    }

    /// Training form, as `Mixer`: [B, T, D] → [B, T, D] from the beginning of the text.
    public func callAsFunction(_ x: Tensor) -> Tensor {
        let taps = filters(length: x.shape[1])
        return gated(convolution(projectionIn(x), silu: false)) { index, v in longConvolution(v, filter: taps[index]) }
    }

    /// Serving form, as `Mixer`: [B, T, D] → [B, T, D]; by history (O(position) a token) or, with modal filters, by recurrence.
    public func callAsFunction(_ x: Tensor, position: Int, _ state: inout State) throws -> Tensor {
        let inner = convolution(projectionIn(x), silu: false, history: &state.convolution)
        return try gated(inner) { index, v in try remembered(v, index, &state.memories[index]) }
    }

    /// A state that has read nothing, for `rows` texts in step.
    public func initialState(rows: Int, scalarType: ScalarType) throws -> State {
        var memories: [Memory] = []
        switch filter {
        case .implicit(let filter):
            let taps = Execution.withoutRecording { filters(length: filter.shape.positions) }
            memories = try taps.map { taps in
                let cache = try KeyValueCache(
                    rows: rows, heads: 1, keyWidth: shape.width, valueWidth: 0, scalarType: scalarType)
                return .inputs(cache, taps: taps)
            }
        case .modal(let filter):
            memories = Execution.withoutRecording {
                (0 ..< shape.order - 1).map { index in
                    let system = filter.system(channels: index * shape.width ..< (index + 1) * shape.width)
                    return .modes(.zeros([rows, shape.width, 2, system.rate.real.shape[1]], scalarType), system)
                }
            }
        }
        return State(convolution: convolution.makeHistory(rows: rows, scalarType: scalarType), memories: memories)
    }

    /// What each long convolution convolves with, D as a part of the first tap: order − 1 of [T, D].
    public func filters(length: Int) -> [Tensor] {
        let all: Tensor =  // [T, (order − 1) D]
            switch filter {
            case .implicit(let filter): filter.taps(length: length)
            case .modal(let filter): filter.taps(length: length)
            }
        let first = all.sliced(axis: 0, 0 ..< 1) + skip.tensor
        let taps = length == 1 ? first : concatenate([first, all.sliced(axis: 0, 1 ..< length)], axis: 0)
        return (0 ..< shape.order - 1).map { taps.sliced(axis: 1, $0 * shape.width ..< ($0 + 1) * shape.width) }
    }

    /// The gates around `convolve`, which gets the number of the filter: the first goes with the last gate.
    private func gated(_ inner: Tensor, _ convolve: (Int, Tensor) throws -> Tensor) rethrows -> Tensor {
        func part(_ index: Int) -> Tensor { inner.sliced(axis: 2, index * shape.width ..< (index + 1) * shape.width) }
        var v = part(shape.order)  // [B, T, D]
        for index in 0 ..< shape.order - 1 { v = try convolve(index, v * part(shape.order - 1 - index)) }
        return projectionOut(v * part(0))
    }

    /// One long convolution of what follows on `memory`, which then has it too.
    private func remembered(_ v: Tensor, _ index: Int, _ memory: inout Memory) throws -> Tensor {
        let (rows, count, width) = (v.shape[0], v.shape[1], v.shape[2])
        switch memory {
        case .inputs(var cache, let taps):
            let before = cache.length
            let nothing = Tensor.zeros([rows, count, 1, 0], v.scalarType)
            let seen = try cache.append(keys: v.reshaped([rows, count, 1, width]), values: nothing).keys
            memory = .inputs(cache, taps: taps)
            let own = longConvolution(v, filter: taps.sliced(axis: 0, 0 ..< count))
            guard before > 0 else { return own }
            let history = seen.reshaped([rows, seen.shape[2], width])  // [B, places, D]
            return own + convolutionWithHistory(history, length: before, filter: taps, count: count)
        case .modes(var state, let system):
            memory = .modes(.zeros([0], v.scalarType), system)  // so that nobody else holds the state
            let y = exponentialRecurrence(v, decay: system.decay, amplitude: system.amplitude, state: &state)
            memory = .modes(state, system)
            return y + v * skip.tensor.sliced(axis: 0, index * width ..< (index + 1) * width)
        }
    }
}
