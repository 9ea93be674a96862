internal import Glibc
internal import SequenceModel

/// Keys and values of B rows, each in `capacity` places; position p of the text is in place p mod `capacity`.
final class CacheMemory {
    let rows: Int
    let capacity: Int
    let keys: UnsafeMutableRawPointer
    let values: UnsafeMutableRawPointer
    /// Positions below this were written.
    var written = 0
    /// Positions below this were never written here.
    private var missing = 0

    /// Throws `.resourceExhausted` when there is no memory.
    init(rows: Int, keyBytes: Int, valueBytes: Int, capacity: Int) throws {
        self.rows = rows
        self.capacity = capacity
        var blocks: [UnsafeMutableRawPointer] = []
        for width in [keyBytes, valueBytes] {
            let (places, overflow) = rows.multipliedReportingOverflow(by: capacity)
            let (bytes, overflow2) = places.multipliedReportingOverflow(by: width)
            var block: UnsafeMutableRawPointer?
            guard !overflow, !overflow2, posix_memalign(&block, 64, max(bytes, 64)) == 0, let block else {
                for block in blocks { free(block) }
                throw SequenceModelError(
                    .resourceExhausted, "no memory for a cache of \(capacity) tokens, \(rows) rows, \(width) bytes each")
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

    /// First position that is still in memory, when `length` is the number of tokens read.
    func oldest(at length: Int) -> Int { max(missing, max(written, length) - capacity) }

    func forgetBefore(_ position: Int, written: Int) {
        missing = position
        self.written = written
    }

    /// Memory of one position of one row.
    func place(
        _ row: Int, _ position: Int, width: Int, in part: KeyPath<CacheMemory, UnsafeMutableRawPointer>
    ) -> UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(
            start: self[keyPath: part] + (row * capacity + position % capacity) * width, count: width)
    }

    /// Writes `count` positions of every row, [B, count, width] bytes, from `position` on.
    func store(
        _ source: UnsafeRawBufferPointer, count: Int, width: Int, at position: Int,
        in part: KeyPath<CacheMemory, UnsafeMutableRawPointer>
    ) {
        guard let source = source.baseAddress else { return }
        for row in 0 ..< rows {
            let begin = position % capacity
            let first = min(count, capacity - begin)
            let target = self[keyPath: part] + row * capacity * width
            let from = source + row * count * width
            (target + begin * width).copyMemory(from: from, byteCount: first * width)
            target.copyMemory(from: from + first * width, byteCount: (count - first) * width)
        }
        written = max(written, position + count)
    }

    /// Copies positions 0 ..< `count` of a smaller memory that has not wrapped.
    func copy(from other: CacheMemory, count: Int, keyBytes: Int, valueBytes: Int) {
        for row in 0 ..< rows {
            (keys + row * capacity * keyBytes).copyMemory(
                from: other.keys + row * other.capacity * keyBytes, byteCount: count * keyBytes)
            (values + row * capacity * valueBytes).copyMemory(
                from: other.values + row * other.capacity * valueBytes, byteCount: count * valueBytes)
        }
        written = count
        missing = other.missing
    }

    /// Copies a memory of the same capacity.
    func copyAll(from other: CacheMemory, keyBytes: Int, valueBytes: Int) {
        keys.copyMemory(from: other.keys, byteCount: rows * capacity * keyBytes)
        values.copyMemory(from: other.values, byteCount: rows * capacity * valueBytes)
        written = other.written
        missing = other.missing
    }
}
