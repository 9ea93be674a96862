public import SequenceModel
public import Tensor

/// Causal attention with rotary positions: multi-head, multi-query or grouped-query (arXiv:2305.13245), over everything before or over
/// a sliding window.
///
/// 2 · D · K · (H + G) values without biases.
public final class SelfAttention {
    /// The sizes of an attention layer.
    public struct Shape: Sendable {
        /// D
        public var width: Int
        /// H
        public var heads: Int
        /// G, which divides H: query head h uses key head h / (H / G).
        public var keyValueHeads: Int
        /// K
        public var headWidth: Int
        /// Keys that a query sees, its own included; nil: all before it.
        public var window: Int?

        /// See the properties.
        public init(width: Int, heads: Int, keyValueHeads: Int, headWidth: Int, window: Int? = nil) {
            self.width = width
            self.heads = heads
            self.keyValueHeads = keyValueHeads
            self.headWidth = headWidth
            self.window = window
        }
    }

    /// The sizes.
    public let shape: Shape
    /// [H · K, D]
    public let query: Linear
    /// [G · K, D]
    public let key: Linear
    /// [G · K, D]
    public let value: Linear
    /// [D, H · K]
    public let output: Linear
    /// nil: no positions.
    public let rotary: RotaryEmbedding?

    /// Declares `q_proj`, `k_proj`, `v_proj` and `o_proj` under `p`.
    ///
    /// - Parameters:
    ///   - rotary: turns queries and keys; nil: no positions.
    ///   - bias: on all four; `outputBias` overrides it for the last.
    ///   - initialiser: of the four weights; `outputInitialiser` overrides it for the last. nil: as `Parameters.linear`.
    public init(
        _ p: Parameters, _ shape: Shape, rotary: RotaryEmbedding?, bias: Bool = false, outputBias: Bool? = nil,
        initialiser: Initialiser? = nil, outputInitialiser: Initialiser? = nil
    ) {
        self.shape = shape
        self.rotary = rotary
        let inner = Parameters.product(shape.heads, shape.headWidth)
        let shared = Parameters.product(shape.keyValueHeads, shape.headWidth)
        query = p.linear("q_proj", shape.width, inner, bias: bias, initialiser: initialiser)
        key = p.linear("k_proj", shape.width, shared, bias: bias, initialiser: initialiser)
        value = p.linear("v_proj", shape.width, shared, bias: bias, initialiser: initialiser)
        output = p.linear(
            "o_proj", inner, shape.width, bias: outputBias ?? bias, initialiser: outputInitialiser ?? initialiser)
    }

    /// [B, T, D] → [B, T, D], from the beginning of the text. Scores are scaled by 1 / √K.
    ///
    /// - Complexity: O(T · D · K · (H + G)) for the projections, O(T · S · K · H) for the S keys that a query sees.
    public func callAsFunction(_ x: Tensor) -> Tensor {
        let (q, k, v) = project(x, position: 0)
        let length = x.extent(1)
        let visibility = shape.window.map { Visibility.sliding(length, window: $0) } ?? .causal(length)
        return merge(attention(q, k, v, visibility: visibility, scale: scale))
    }

    /// The same for at most `KeyValueCache.longestAppend` tokens that come after those in `cache`, which then has these too. Not
    /// recorded. Throws `.resourceExhausted` when there is no memory for the cache.
    public func callAsFunction(_ x: Tensor, _ cache: inout KeyValueCache) throws -> Tensor {
        let (q, k, v) = project(x, position: cache.length)
        let seen = try cache.append(keys: k, values: v)
        return merge(
            attention(q, keysByHead: seen.keys, valuesByHead: seen.values, visibility: seen.visibility, scale: scale))
    }

    /// A cache for `rows` texts in step that have read nothing. Throws `.resourceExhausted` when there is no memory.
    public func makeCache(rows: Int, scalarType: ScalarType) throws -> KeyValueCache {
        try KeyValueCache(
            rows: rows, heads: shape.keyValueHeads, keyWidth: shape.headWidth, valueWidth: shape.headWidth,
            window: shape.window, scalarType: scalarType)
    }

    var scale: Double { 1 / Double(shape.headWidth).squareRoot() }

    /// Queries [B, T, H, K], keys and values [B, T, G, K].
    func project(_ x: Tensor, position: Int) -> (q: Tensor, k: Tensor, v: Tensor) {
        func split(_ x: Tensor, _ heads: Int) -> Tensor {
            x.reshaped([x.extent(0), x.extent(1), heads, shape.headWidth])  // [B, T, heads, K]
        }
        let q = split(query(x), shape.heads)
        let k = split(key(x), shape.keyValueHeads)
        let v = split(value(x), shape.keyValueHeads)
        guard let rotary else { return (q, k, v) }
        return (rotary(q, from: position), rotary(k, from: position), v)
    }

    private func merge(_ o: Tensor) -> Tensor {
        output(o.reshaped([o.extent(0), o.extent(1), shape.heads * shape.headWidth]))  // [B, T, H · K] → [B, T, D]
    }
}

extension Parameters {
    /// A product of sizes for a declaration: 0, which no declaration takes, where it cannot be represented.
    public static func product(_ a: Int, _ b: Int) -> Int {
        let (product, overflow) = a.multipliedReportingOverflow(by: b)
        return overflow ? 0 : product
    }
}
