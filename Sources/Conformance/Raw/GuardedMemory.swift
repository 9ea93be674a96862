import Glibc
import PluginHost

/// Blocks of memory for a plugin with canary bytes around each and pages that nobody may touch around them all.
final class GuardedMemory {
    /// Start of each block, at a multiple of 64 bytes.
    let blocks: [UnsafeMutableRawPointer]
    let byteCounts: [Int]
    private let mapping: UnsafeMutableRawPointer
    private let mappedBytes: Int
    private let inside: UnsafeMutableRawPointer
    private let insideBytes: Int
    private static let canary: UInt8 = 0xA5
    private static let gap = 64
    private static let page = Int(sysconf(Int32(_SC_PAGESIZE)))

    /// Zeroed blocks. Throws `ZooError(.temporary)` when there is no memory.
    init(byteCounts: [Int]) throws {
        var offsets: [Int] = []
        var end = GuardedMemory.gap
        for count in byteCounts {
            offsets.append(end)
            end = (end + count + 63) & ~63
            end += GuardedMemory.gap
        }
        let page = GuardedMemory.page
        insideBytes = (end + page - 1) & ~(page - 1)
        mappedBytes = insideBytes + 2 * page
        let made = mmap(nil, mappedBytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let made, made != MAP_FAILED else {
            throw ZooError(.temporary, "not enough memory for tensors of \(end) bytes")
        }
        mapping = made
        // The last block ends as near to the forbidden page as its alignment lets it.
        inside = made + page
        let shift = insideBytes - end
        guard mprotect(inside, insideBytes, PROT_READ | PROT_WRITE) == 0 else {
            munmap(made, mappedBytes)
            throw ZooError(.temporary, "not enough memory for tensors of \(end) bytes")
        }
        memset(inside, Int32(GuardedMemory.canary), insideBytes)
        self.byteCounts = byteCounts
        blocks = offsets.map { [inside] in inside + (shift & ~63) + $0 }
        for (block, count) in zip(blocks, byteCounts) { memset(block, 0, count) }
    }

    deinit { munmap(mapping, mappedBytes) }

    /// The first canary byte that was written: the block before it, and how far behind its end; block −1 is before the first.
    func damage() -> (block: Int, distance: Int)? {
        var cursor = inside
        for index in -1 ..< blocks.count {
            let begin = index < 0 ? inside : blocks[index] + byteCounts[index]
            let end = index + 1 < blocks.count ? blocks[index + 1] : inside + insideBytes
            cursor = begin
            while cursor < end {
                if cursor.load(as: UInt8.self) != GuardedMemory.canary { return (index, cursor - begin) }
                cursor += 1
            }
        }
        return nil
    }

    /// From now on writing into the blocks ends the process.
    func protect() { mprotect(inside, insideBytes, PROT_READ) }

    /// Takes `protect` back.
    func unprotect() { mprotect(inside, insideBytes, PROT_READ | PROT_WRITE) }

    /// A copy of all blocks.
    func snapshot() -> [[UInt8]] {
        zip(blocks, byteCounts).map { Array(UnsafeRawBufferPointer(start: $0, count: $1)) }
    }

    /// The first block that is not as in `snapshot`.
    func difference(from snapshot: [[UInt8]]) -> Int? {
        blocks.indices.first { index in
            snapshot[index].withUnsafeBytes { bytes in
                bytes.baseAddress.map { memcmp($0, blocks[index], byteCounts[index]) != 0 } ?? false
            }
        }
    }
}
