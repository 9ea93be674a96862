import CSequenceModel
import Glibc

/// Gives bytes to a plugin through an `sm_reader`, at most `piece` at a time.
final class ByteSource {
    private let bytes: [UInt8]
    private let piece: Int
    private var position = 0

    init(_ bytes: [UInt8], piece: Int = .max) {
        self.bytes = bytes
        self.piece = piece
    }

    /// Lends a reader of `bytes`.
    func withReader<Result>(_ body: (UnsafePointer<sm_reader>) throws -> Result) rethrows -> Result {
        var reader = sm_reader(
            context: Unmanaged.passUnretained(self).toOpaque(),
            read: { context, target, count in
                guard let context else { return -1 }
                let source = Unmanaged<ByteSource>.fromOpaque(context).takeUnretainedValue()
                let length = min(source.bytes.count - source.position, Int(clamping: count), source.piece)
                source.bytes.withUnsafeBytes { bytes in
                    if length > 0, let base = bytes.baseAddress { memcpy(target, base + source.position, length) }
                }
                source.position += length
                return Int64(length)
            })
        return try body(&reader)
    }
}
