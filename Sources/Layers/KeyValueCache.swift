internal import SequenceModel
public import Tensor

/// Keys and values of the tokens that an attention layer has read, for B rows in step: all of them, or those that a sliding
/// window still sees.
///
/// A value with shared memory: appending writes behind what every older value of the same cache can see, so that an older value
/// stays good until `longestAppend` more tokens were read. `StateVisitor.copier` makes an independent one. With a window the memory
/// is a ring of window − 1 + `longestAppend` places, so reading far costs no more than reading near.
public struct KeyValueCache {
    /// Most tokens that may be appended at a time.
    public static let longestAppend = 256

    /// B
    public let rows: Int
    /// G, heads that have keys.
    public let heads: Int
    /// K
    public let keyWidth: Int
    /// V
    public let valueWidth: Int
    /// Keys that a query sees, its own included; nil: all.
    public let window: Int?
    /// Of keys and values.
    public let scalarType: ScalarType
    /// Tokens read so far.
    public private(set) var length = 0
    private var memory: CacheMemory

    /// A cache that has read nothing; memory is taken by `append`. Throws `.resourceExhausted` when there is none.
    ///
    /// - Parameter window: nil, or at least 1.
    public init(
        rows: Int, heads: Int, keyWidth: Int, valueWidth: Int, window: Int? = nil, scalarType: ScalarType
    ) throws {
        self.rows = rows
        self.heads = heads
        self.keyWidth = keyWidth
        self.valueWidth = valueWidth
        self.window = window
        self.scalarType = scalarType
        memory = try CacheMemory(
            rows: rows, heads: heads, keyBytes: keyWidth * scalarType.byteCount,
            valueBytes: valueWidth * scalarType.byteCount, capacity: 0)
    }

    /// Tokens whose keys a next query could see.
    public var visibleLength: Int { min(length, window.map { $0 - 1 } ?? length) }
    /// Places of the ring once it is full.
    private var largestCapacity: Int { window.map { $0 - 1 + KeyValueCache.longestAppend } ?? .max }

    /// Adds keys [B, T, G, K] and values [B, T, G, V] of the next T tokens and gives what the queries of these tokens attend
    /// to: all keys [B, G, S, K], all values [B, G, S, V], and which of the S places each query sees. The tensors are good until the
    /// next append.
    ///
    /// Throws `.resourceExhausted` when there is no memory.
    public mutating func append(
        keys: Tensor, values: Tensor
    ) throws -> (keys: Tensor, values: Tensor, visibility: Visibility) {
        let count = keys.extent(1)
        precondition(
            keys.shape == [rows, count, heads, keyWidth] && values.shape == [rows, count, heads, valueWidth],
            "KeyValueCache: keys \(keys.shape), values \(values.shape)")
        precondition(count <= KeyValueCache.longestAppend, "KeyValueCache: \(count) tokens at a time")
        try reserve(length + count)
        keys.withBytes { memory.store($0, count: count, at: length, in: .keys) }
        values.withBytes { memory.store($0, count: count, at: length, in: .values) }
        length += count
        let places = memory.capacity
        return (
            Tensor(borrowing: memory.keys, shape: [rows, heads, places, keyWidth], type: scalarType),  // [B, G, S, K]
            Tensor(borrowing: memory.values, shape: [rows, heads, places, valueWidth], type: scalarType),
            visibility(of: length - count ..< length, places: places)
        )
    }

    /// Which places the queries at `positions` see.
    private func visibility(of positions: Range<Int>, places: Int) -> Visibility {
        let capacity = memory.capacity
        return Visibility(
            positions.map { position in
                let first = window.map { max(0, position + 1 - $0) } ?? 0
                let begin = first % capacity
                let end = position % capacity + 1
                return begin < end ? (begin ..< end, places ..< places) : (0 ..< end, begin ..< places)
            }, keyCount: places)
    }

    /// Makes room for `needed` tokens, at least doubling, at most a full ring.
    private mutating func reserve(_ needed: Int) throws {
        guard needed > memory.capacity, memory.capacity < largestCapacity else { return }
        let capacity = min(max(needed, memory.capacity * 2, 64), largestCapacity)
        let larger = try memory.empty(capacity: capacity)
        larger.copy(from: memory, count: length)
        memory = larger
    }

    /// Forgets all but the first `position` tokens. False when the window has dropped keys that would be seen again.
    public mutating func rewind(to position: Int) -> Bool {
        if let window, memory.oldest(at: length) > max(0, position + 1 - window) { return false }
        memory.forgetBefore(memory.oldest(at: length), written: position)
        length = position
        return true
    }

    /// The number of tokens read and what is still visible, head by head: keys, then values. Throws what the visitor throws, `.dataLoss`
    /// for a number of tokens that the bytes cannot hold and `.resourceExhausted` when there is no memory for it.
    public mutating func visit(_ visitor: StateVisitor) throws {
        if visitor.isProtecting { return }
        if visitor.isCopying {
            let copy = try memory.empty(capacity: memory.capacity)
            copy.copyAll(from: memory)
            memory = copy
            return
        }
        var saved = length
        try visitor.visit(&saved)
        if visitor.isReading { try prepareReading(saved, visitor) }
        for part in CacheMemory.Part.allCases {
            for run in 0 ..< memory.runs {
                for piece in memory.pieces(of: length - visibleLength ..< length) {
                    try visitor.visitMemory(memory.bytes(run, piece, in: part))
                }
            }
        }
    }

    private mutating func prepareReading(_ saved: Int, _ visitor: StateVisitor) throws {
        let visible = min(saved, window.map { $0 - 1 } ?? saved)
        let (bytes, overflow) = max(0, visible).multipliedReportingOverflow(by: memory.bytesOfToken)
        guard saved >= 0, saved <= Int(Int32.max), !overflow, bytes <= visitor.remaining else {
            throw SequenceModelError(.dataLoss, "the saved state holds a cache of \(saved) tokens and too few bytes for it")
        }
        length = 0
        memory = try memory.empty(capacity: 0)
        try reserve(saved)
        length = saved
        memory.forgetBefore(saved - visible, written: saved)
    }
}
