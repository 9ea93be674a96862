internal import Glibc

/// Blocks of memory for tensors, kept for reuse when they are freed.
///
/// Sizes are rounded up to classes (eight in an octave, so at most 12.5 % is lost) and a freed block serves the next
/// request of its class: the steps of a training run ask for the same sizes over and over. What is kept is bounded: blocks
/// in use and blocks kept never exceed the most that ever was in use by more than an eighth and 16 MiB.
/// Blocks are aligned to 64 bytes. Any thread may call.
final class MemoryPool: @unchecked Sendable {
    private var freeBlocks: [Int: [UnsafeMutableRawPointer]] = [:]  // size class → blocks
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private var inUse = 0, kept = 0, peak = 0, limit = Int.max
    private var refused: Int?

    init() {
        mutex = .allocate(capacity: 1)
        pthread_mutex_init(mutex, nil)
    }

    deinit {
        freeBlocks.values.joined().forEach { Glibc.free($0) }
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    /// Bytes in blocks that are out, and the most there ever were.
    var bytesInUse: Int { locked { inUse } }
    var peakBytesInUse: Int { locked { peak } }
    /// Bytes in freed blocks waiting for reuse.
    var bytesKept: Int { locked { kept } }
    /// `allocate` refuses what would take `bytesInUse` beyond this.
    var byteLimit: Int {
        get { locked { limit } }
        set { locked { limit = newValue } }
    }

    /// A block of at least `byteCount` bytes with undefined content, or nil when there is no memory for it.
    func allocate(_ byteCount: Int) -> UnsafeMutableRawPointer? {
        guard let size = Self.sizeClass(byteCount) else { return nil }
        return locked {
            guard size <= limit - min(inUse, limit) else { return nil }
            var block = freeBlocks[size]?.popLast()
            if block != nil {
                kept -= size
            } else {
                makeRoom(for: size)
                if posix_memalign(&block, 64, size) != 0 {
                    releaseKept(downTo: 0)
                    guard posix_memalign(&block, 64, size) == 0 else { return nil }
                }
            }
            inUse += size
            peak = max(peak, inUse)
            return block
        }
    }

    /// Takes back what `allocate(byteCount)` returned.
    func free(_ block: UnsafeMutableRawPointer, _ byteCount: Int) {
        guard let size = Self.sizeClass(byteCount) else { return }
        locked {
            inUse -= size
            kept += size
            freeBlocks[size, default: []].append(block)
        }
    }

    /// Remembers that a piece of parallel work, which cannot report it itself, went without memory.
    func noteRefusal(_ byteCount: Int) { locked { refused = byteCount } }

    /// What `noteRefusal` was told since the last call.
    func takeRefusal() -> Int? {
        locked {
            defer { refused = nil }
            return refused
        }
    }

    /// Gives all kept blocks back to the system.
    func releaseKeptBlocks() {
        locked { releaseKept(downTo: 0) }
    }

    /// The number of bytes that a request for `byteCount` gets; nil when the number is too large for any machine.
    static func sizeClass(_ byteCount: Int) -> Int? {
        guard byteCount <= 1 << 56 else { return nil }
        guard byteCount > 512 else { return max(64, (byteCount + 63) & ~63) }
        let step = 1 << (Int.bitWidth - 1 - byteCount.leadingZeroBitCount - 3)  // an eighth of the octave, >= 64
        return (byteCount + step - 1) & ~(step - 1)
    }

    /// Before the system is asked for `size` more: drops kept blocks so far that the total stays near its old peak.
    private func makeRoom(for size: Int) {
        let allowed = max(peak + peak / 8 + (16 << 20), inUse + size)
        releaseKept(downTo: max(0, allowed - inUse - size))
    }

    private func releaseKept(downTo target: Int) {
        guard kept > target else { return }
        for size in freeBlocks.keys.sorted(by: >) {
            while kept > target, let block = freeBlocks[size]?.popLast() {
                Glibc.free(block)
                kept -= size
            }
        }
    }

    private func locked<Result>(_ body: () -> Result) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body()
    }
}
