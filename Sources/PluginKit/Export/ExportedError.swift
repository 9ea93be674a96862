internal import CSequenceModel
internal import SequenceModel

/// Runs an entry point: whatever it throws becomes a status and a filled `sm_error`.
func answer(_ error: UnsafeMutablePointer<sm_error>?, _ body: () throws -> Void) -> Int32 {
    do {
        try body()
        return SM_OK
    } catch let failure as StatusOfWriter {
        return fill(error, failure.status, "the writer refused")
    } catch let failure as SequenceModelError {
        return fill(error, failure.code.rawValue, failure.message)
    } catch let failure {
        return fill(error, SM_INTERNAL, "\(failure)")
    }
}

/// Writes code and message as far as the caller's struct and buffer go, the text cut at a character.
@discardableResult
func fill(_ error: UnsafeMutablePointer<sm_error>?, _ code: Int32, _ message: String) -> Int32 {
    guard let error else { return code }
    var zero = sm_error()
    guard var known = try? readSized(UnsafePointer(error), "error", zero: zero) else { return code }
    known.code = code
    known.flags = 0
    known.message_length = 0
    if let buffer = known.message, known.message_capacity > 0 {
        let text = Array(message.utf8.prefix(Int(known.message_capacity)))
        var length = min(text.count, Int(known.message_capacity) - 1)
        while length > 0, length < message.utf8.count, text.indices.contains(length), text[length] & 0xC0 == 0x80 { length -= 1 }
        for index in 0 ..< length { buffer[index] = CChar(bitPattern: text[index]) }
        buffer[length] = 0
        known.message_length = UInt32(length)
    }
    zero = known
    try? writeSized(zero, to: error, "error")
    return code
}

/// The status of a caller's writer, passed on as it is.
struct StatusOfWriter: Error {
    let status: Int32
}
