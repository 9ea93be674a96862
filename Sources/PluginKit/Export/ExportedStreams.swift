internal import CSequenceModel
internal import SequenceModel

/// Hands bytes to a caller's writer in pieces of at most 1 MiB.
func write(_ bytes: UnsafeRawBufferPointer, to writer: UnsafePointer<sm_writer>) throws {
    var begin = 0
    while begin < bytes.count, let start = bytes.baseAddress {
        let count = min(bytes.count - begin, 1 << 20)
        let status = writer.pointee.write(writer.pointee.context, start + begin, UInt64(count))
        guard status == SM_OK else { throw StatusOfWriter(status: status) }
        begin += count
    }
}

/// Everything that a caller's reader gives, at most `limit` bytes.
func readAll(_ reader: UnsafePointer<sm_reader>, limit: Int) throws -> [UInt8] {
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    while true {
        let capacity = piece.count
        let count = piece.withUnsafeMutableBytes { buffer in
            // The array is not empty.
            reader.pointee.read(reader.pointee.context, buffer.baseAddress ?? UnsafeMutableRawPointer(bitPattern: 1)!, UInt64(capacity))
        }
        if count == 0 { return bytes }
        guard count > 0, count <= Int64(capacity) else {
            throw SequenceModelError(.dataLoss, "the reader failed with \(count) after \(bytes.count) bytes")
        }
        guard bytes.count + Int(count) <= limit else {
            throw SequenceModelError(.resourceExhausted, "the saved state has more than \(limit) bytes")
        }
        bytes.append(contentsOf: piece[0 ..< Int(count)])
    }
}

/// JSON text of a caller.
func parse(_ text: UnsafePointer<CChar>, _ length: UInt64) throws -> JSONValue {
    try requireArgument(isNull(text), "json")
    guard length <= 1 << 20 else {
        throw SequenceModelError(.invalidArgument, "the configuration has \(length) bytes; at most \(1 << 20) are read")
    }
    return try JSONParser.parse([UInt8](UnsafeRawBufferPointer(start: text, count: Int(length))))
}
