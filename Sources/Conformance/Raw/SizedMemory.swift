import CSequenceModel
import Glibc

/// A struct of the contract in memory of which a part is not told to the plugin.
final class SizedMemory {
    let address: UnsafeMutableRawPointer
    private let known: Int
    private let total: Int
    private let filler: UInt8

    /// - Parameters:
    ///   - size: what `struct_size` says; the rest of `tail` bytes holds `filler`.
    init<Struct>(_ value: Struct, size: Int, tail: Int = 64, filler: UInt8) {
        let whole = MemoryLayout<Struct>.size
        let total = max(whole, size) + tail
        let address = UnsafeMutableRawPointer.allocate(byteCount: total, alignment: 16)
        known = size
        self.total = total
        self.address = address
        self.filler = filler
        memset(address, 0, total)
        withUnsafeBytes(of: value) { bytes in
            if let base = bytes.baseAddress { memcpy(address, base, min(whole, size)) }
        }
        memset(address + size, Int32(filler), total - size)
        address.storeBytes(of: UInt32(size), as: UInt32.self)
    }

    deinit { address.deallocate() }

    /// Offset of the first byte past the stated size that was written.
    var overrun: Int? { (known ..< total).first { address.load(fromByteOffset: $0, as: UInt8.self) != filler } }

    func pointer<Struct>(_ type: Struct.Type = Struct.self) -> UnsafeMutablePointer<Struct> { address.assumingMemoryBound(to: type) }
}
