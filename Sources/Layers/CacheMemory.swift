internal import Glibc
internal import SequenceModel

/// Keys and values of the heads of some rows. Each head of each row has a run of `capacity` places of its own, so that attention reads
/// memory in one direction; position p of the text is in place p mod `capacity`.
final class CacheMemory {
    enum Part: CaseIterable { case keys, values }

    /// B
    let rows: Int
    /// G
    let heads: Int
    /// Rows times heads.
    var runs: Int { rows * heads }
    let capacity: Int
    let keys: UnsafeMutableRawPointer
    let values: UnsafeMutableRawPointer
    /// Bytes of one key and of one value.
    private let keyBytes: Int
    private let valueBytes: Int
    /// Positions below this were written.
    private var written = 0
    /// Positions below this were never written here.
    private var missing = 0

    /// Throws `.resourceExhausted` when there is no memory.
    init(rows: Int, heads: Int, keyBytes: Int, valueBytes: Int, capacity: Int) throws {
        self.rows = rows
        self.heads = heads
        self.keyBytes = keyBytes
        self.valueBytes = valueBytes
        self.capacity = capacity
        var blocks: [UnsafeMutableRawPointer] = []
        for width in [keyBytes, valueBytes] {
            let (runs, overflow) = rows.multipliedReportingOverflow(by: heads)
            let (places, overflow2) = runs.multipliedReportingOverflow(by: capacity)
            let (bytes, overflow3) = places.multipliedReportingOverflow(by: width)
            var block: UnsafeMutableRawPointer?
            guard !overflow, !overflow2, !overflow3, posix_memalign(&block, 64, max(bytes, 64)) == 0, let block else {
                for block in blocks { free(block) }
                throw SequenceModelError(
                    .resourceExhausted, "no memory for a cache of \(capacity) tokens, \(rows) rows, \(heads) heads, \(width) bytes each")
            }
            blocks.append(block)
        }
        keys = blocks[0]
        values = blocks[1]
    }

    deinit {
        free(keys)
        free(values)
    }

    /// Memory for as many rows and heads that holds nothing.
    func empty(capacity: Int) throws -> CacheMemory {
        try CacheMemory(rows: rows, heads: heads, keyBytes: keyBytes, valueBytes: valueBytes, capacity: capacity)
    }

    /// Bytes that one position takes in all rows.
    var bytesOfToken: Int { runs * (keyBytes + valueBytes) }

    /// First position that is still in memory, when `length` is the number of tokens read.
    func oldest(at length: Int) -> Int { max(missing, max(written, length) - capacity) }

    func forgetBefore(_ position: Int, written: Int) {
        missing = position
        self.written = written
    }

    private func memory(_ part: Part) -> (start: UnsafeMutableRawPointer, width: Int) {
        part == .keys ? (keys, keyBytes) : (values, valueBytes)
    }

    /// The runs of neighbouring places that hold these positions, at most two.
    func pieces(of positions: Range<Int>) -> [Range<Int>] {
        guard !positions.isEmpty, capacity > 0 else { return [] }
        let begin = positions.lowerBound % capacity
        let end = begin + positions.count
        return end <= capacity ? [begin ..< end] : [begin ..< capacity, 0 ..< end - capacity]
    }

    /// Memory of neighbouring places of one run.
    func bytes(_ run: Int, _ places: Range<Int>, in part: Part) -> UnsafeMutableRawBufferPointer {
        let (start, width) = memory(part)
        return UnsafeMutableRawBufferPointer(
            start: start + (run * capacity + places.lowerBound) * width, count: places.count * width)
    }

    /// Writes `count` positions from `position` on, given as [B, count, G, width].
    func store(_ source: UnsafeRawBufferPointer, count: Int, at position: Int, in part: Part) {
        guard let source = source.baseAddress else { return }
        let (start, width) = memory(part)
        for row in 0 ..< rows {
            for index in 0 ..< count {
                let place = (position + index) % capacity
                let token = source + (row * count + index) * heads * width
                for head in 0 ..< heads {
                    (start + ((row * heads + head) * capacity + place) * width).copyMemory(
                        from: token + head * width, byteCount: width)
                }
            }
        }
        written = max(written, position + count)
    }

    /// Copies positions 0 ..< `count` of a smaller memory that has not wrapped.
    func copy(from other: CacheMemory, count: Int) {
        for part in Part.allCases {
            let (target, width) = memory(part)
            let source = other.memory(part).start
            for run in 0 ..< runs {
                (target + run * capacity * width).copyMemory(
                    from: source + run * other.capacity * width, byteCount: count * width)
            }
        }
        written = count
        missing = other.missing
    }

    /// Copies a memory of the same capacity.
    func copyAll(from other: CacheMemory) {
        for part in Part.allCases {
            let (target, width) = memory(part)
            target.copyMemory(from: other.memory(part).start, byteCount: runs * capacity * width)
        }
        written = other.written
        missing = other.missing
    }
}
