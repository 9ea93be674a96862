import Layers
import SequenceModel
import Tensor

/// Attention over a sliding window and over a few persistent vectors that stand before every text: [B, T, D] → heads side by side
/// [B, T, D], without a projection behind.
struct WindowAttention {
    let heads: Int
    let headWidth: Int
    /// Keys of the text that a query sees, its own included.
    let window: Int
    let query: Linear
    let key: Linear
    let value: Linear
    /// [P, D]; nil: none.
    let persistent: Parameter?
    let rotary: RotaryEmbedding

    /// The last window − 1 keys and values, oldest first, zeros before the text: [B, window − 1, H, K].
    struct State: ModelState {
        var keys: Tensor
        var values: Tensor

        mutating func visit(_ visitor: StateVisitor) throws {
            try visitor.visit(&keys)
            try visitor.visit(&values)
        }
    }

    init(_ p: Parameters, _ shape: TitansShape) {
        (heads, headWidth, window) = (shape.heads, shape.width / shape.heads, shape.window)
        query = p.linear("q_proj", shape.width, shape.width, initialiser: shape.initialiser)
        key = p.linear("k_proj", shape.width, shape.width, initialiser: shape.initialiser)
        value = p.linear("v_proj", shape.width, shape.width, initialiser: shape.initialiser)
        persistent =
            shape.persistent > 0
            ? p.parameter("persistent", shape: [shape.persistent, shape.width], initialiser: .normal(1), weightDecay: false)
            : nil
        rotary = RotaryEmbedding(pairs: headWidth / 2, theta: shape.theta)
    }

    func callAsFunction(_ x: Tensor) -> Tensor {
        let length = x.extent(1), before = persistentCount
        let visibility = Visibility(
            (0 ..< length).map { t in (0 ..< before, before + max(0, t + 1 - window) ..< before + t + 1) },
            keyCount: before + length)
        let k = concatenate(prefix(key, rows: x.extent(0)) + [turned(key(x), 0)], axis: 1)
        let v = concatenate(prefix(value, rows: x.extent(0)) + [split(value(x))], axis: 1)
        return read(x, position: 0, [k], [v], visibility)
    }

    func initialState(rows: Int, scalarType: ScalarType) -> State {
        let past = Tensor.zeros([rows, window - 1, heads, headWidth], scalarType)
        return State(keys: past, values: past)
    }

    func callAsFunction(_ x: Tensor, position: Int, _ state: inout State) -> Tensor {
        let length = x.extent(1), before = persistentCount, past = window - 1
        let keys = concatenate([state.keys, turned(key(x), position)], axis: 1)  // [B, window − 1 + T, H, K]
        let values = concatenate([state.values, split(value(x))], axis: 1)
        let visibility = Visibility(
            (0 ..< length).map { t in
                (0 ..< before, before + max(t, past - position) ..< before + past + t + 1)
            }, keyCount: before + past + length)
        state.keys = keys.sliced(axis: 1, length ..< length + past)
        state.values = values.sliced(axis: 1, length ..< length + past)
        return read(
            x, position: position, prefix(key, rows: x.extent(0)) + [keys], prefix(value, rows: x.extent(0)) + [values],
            visibility)
    }

    /// The attention of x [B, T, D] to keys and values [B, …, H, K] that stand one behind the other.
    func read(_ x: Tensor, position: Int, _ keys: [Tensor], _ values: [Tensor], _ visibility: Visibility) -> Tensor {
        let o = attention(
            turned(query(x), position), concatenate(keys, axis: 1), concatenate(values, axis: 1), visibility: visibility,
            scale: 1 / Double(headWidth).squareRoot())
        return o.reshaped(x.shape)  // [B, T, H, K] → [B, T, D]
    }

    var persistentCount: Int { persistent?.shape[0] ?? 0 }

    /// What `projection` makes of the persistent vectors: [B, P, H, K], or nothing.
    func prefix(_ projection: Linear, rows: Int) -> [Tensor] {
        guard let persistent else { return [] }
        let projected = projection(persistent.tensor)  // [P, D]
        return [
            projected.reshaped([1, persistentCount, heads, headWidth])
                .broadcast(to: [rows, persistentCount, heads, headWidth])
        ]
    }

    /// [B, T, D] → [B, T, H, K]
    func split(_ x: Tensor) -> Tensor { x.reshaped([x.extent(0), x.extent(1), heads, headWidth]) }

    func turned(_ x: Tensor, _ position: Int) -> Tensor { rotary(split(x), from: position) }
}
