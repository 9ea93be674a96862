/// What is wrong with a safetensors file, and where.
struct SafetensorsFault: Error, Equatable {
    /// Bytes from the start of the file.
    var offset: Int
    var message: String

    init(offset: Int, _ message: String) {
        self.offset = offset
        self.message = message
    }
}

/// `text` in quotes, cut to 80 characters, control characters escaped: for messages with text from files.
func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars.prefix(80) {
        let isControl = scalar.value < 0x20 || (0x7F ..< 0xA0).contains(scalar.value)
        result += isControl ? "\\u{\(String(scalar.value, radix: 16))}" : String(scalar)
    }
    return result + (text.unicodeScalars.count > 80 ? "…\"" : "\"")
}
