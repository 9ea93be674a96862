import Glibc

/// Strings that a plugin owns, checked before they are believed: bounded, UTF-8, without control characters.
enum ForeignString {
    /// The text at `pointer`, "" for null. `what` names the field in the error.
    static func read(_ pointer: UnsafePointer<CChar>?, _ what: String, maximumBytes: Int) throws -> String {
        guard let pointer else { return "" }
        let length = strnlen(pointer, maximumBytes + 1)
        guard length <= maximumBytes else { throw ForeignFault("\(what) is longer than \(maximumBytes) bytes") }
        let bytes = UnsafeBufferPointer(start: pointer, count: length)
        guard let text = String(validating: bytes.lazy.map { UInt8(bitPattern: $0) }, as: UTF8.self) else {
            throw ForeignFault("\(what) is not UTF-8")
        }
        return text
    }

    /// The same, refusing control characters: the text goes to terminals.
    static func readLine(_ pointer: UnsafePointer<CChar>?, _ what: String, maximumBytes: Int) throws -> String {
        let text = try read(pointer, what, maximumBytes: maximumBytes)
        guard !text.unicodeScalars.contains(where: isControl) else {
            throw ForeignFault("\(what) holds control characters")
        }
        return text
    }

    /// What people may see of bytes that a plugin wrote: broken UTF-8 repaired, control characters turned into spaces.
    static func readable(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
        var text = String.UnicodeScalarView()
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
            text.append(isControl(scalar) ? " " : scalar)
        }
        return String(text)
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 || (0x7F ... 0x9F).contains(scalar.value)
    }
}
