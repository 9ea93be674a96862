import Glibc
import PluginHost

/// Memory for an output of `count` 4-byte numbers: filled with a number that no model computes, with more behind it than the plugin is
/// told of.
final class GuardedOutput {
    let count: Int
    let address: UnsafeMutableRawPointer
    private let memory: GuardedMemory
    /// A NaN whose payload says "nobody wrote this".
    static let unwritten: UInt32 = 0x7FC0_1234
    private static let tail = 32

    /// Throws `ZooError(.temporary)` when there is no memory.
    init(count: Int) throws {
        self.count = count
        memory = try GuardedMemory(byteCounts: [(count + GuardedOutput.tail) * 4])
        address = memory.blocks[0]
        let words = address.bindMemory(to: UInt32.self, capacity: count + GuardedOutput.tail)
        for index in 0 ..< count + GuardedOutput.tail { words[index] = GuardedOutput.unwritten }
    }

    var floats: [Float] { Array(UnsafeBufferPointer(start: floatAddress, count: count)) }
    var integers: [Int32] {
        Array(UnsafeBufferPointer(start: address.assumingMemoryBound(to: Int32.self), count: count))
    }
    var floatAddress: UnsafeMutablePointer<Float> { address.assumingMemoryBound(to: Float.self) }
    var integerAddress: UnsafeMutablePointer<Int32> { address.assumingMemoryBound(to: Int32.self) }

    /// Index of the first number that was left as it was.
    var firstUnwritten: Int? { (0 ..< count).first { bits($0) == GuardedOutput.unwritten } }

    /// Index of the first number that is written and not finite.
    var firstNotFinite: Int? {
        (0 ..< count).first { bits($0) != GuardedOutput.unwritten && !Float(bitPattern: bits($0)).isFinite }
    }

    /// How far behind the end the plugin wrote, in numbers; nil when it did not.
    var overrun: Int? {
        if let index = (0 ..< GuardedOutput.tail).first(where: { bits(count + $0) != GuardedOutput.unwritten }) { return index }
        return memory.damage().map { $0.block < 0 ? -1 : GuardedOutput.tail + $0.distance / 4 }
    }

    private func bits(_ index: Int) -> UInt32 { address.load(fromByteOffset: index * 4, as: UInt32.self) }
}
