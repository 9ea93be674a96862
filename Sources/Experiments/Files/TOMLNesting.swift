/// Finds what the reader of TOML does not survive, without reading the text: it calls itself for each level of nesting, and ends the process
/// where the name of a table begins with what no name begins with, or a bracket is closed by one of the other kind.
enum TOMLNesting {
    /// Of tables within tables, by whatever notation: the parts of one dotted key, and brackets within brackets.
    static let maximumDepth = 32

    /// What is wrong and the line, from 1, on which it is; nil for nothing of this kind. Of text that is not TOML anything may be said: the reader stops
    /// at its first mistake, before which both see the same.
    ///
    /// - Complexity: O(length)
    static func problem(_ bytes: [UInt8]) -> (line: Int, text: String)? {
        let tooDeep = "keys and values are nested more than \(maximumDepth) deep"
        var line = 1
        // What is open, `[` or `{`, the innermost last.
        var open: [UInt8] = []
        var parts = 1
        // Only spaces since the line began, outside of every value.
        var isLineStart = true
        // A byte-order mark is no part of the text.
        var index = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        func byte(_ offset: Int) -> UInt8 { index + offset < bytes.count ? bytes[index + offset] : 0 }
        while index < bytes.count {
            let wasLineStart = isLineStart
            if byte(0) != UInt8(ascii: " "), byte(0) != UInt8(ascii: "\t") { isLineStart = false }
            switch byte(0) {
            case UInt8(ascii: "\n"):
                line += 1
                parts = 1
                isLineStart = open.isEmpty
            case UInt8(ascii: "#"):
                while index + 1 < bytes.count, byte(1) != UInt8(ascii: "\n") { index += 1 }
            case UInt8(ascii: "\""), UInt8(ascii: "'"):
                let quote = byte(0)
                let isLong = byte(1) == quote && byte(2) == quote
                index += isLong ? 3 : 1
                while index < bytes.count {
                    if byte(0) == UInt8(ascii: "\n") {
                        line += 1
                        // A short string ends with its line; that is a mistake where the quote is missing.
                        if !isLong {
                            isLineStart = open.isEmpty
                            break
                        }
                    }
                    if byte(0) == UInt8(ascii: "\\"), quote == UInt8(ascii: "\"") {
                        if byte(1) == UInt8(ascii: "\n") { line += 1 }
                        index += 2
                        continue
                    }
                    if byte(0) == quote, !isLong || (byte(1) == quote && byte(2) == quote) {
                        if isLong {
                            index += 2
                            // Up to two more belong to the text: """said "no"""" is whole.
                            for _ in 0 ..< 2 where byte(1) == quote { index += 1 }
                        }
                        break
                    }
                    index += 1
                }
            case UInt8(ascii: "["), UInt8(ascii: "{"):
                if wasLineStart, byte(0) == UInt8(ascii: "["), !hasName(bytes, after: index) {
                    return (line, "the name of a table is missing, or begins with what is no letter, digit, -, _ or quote")
                }
                open.append(byte(0))
                parts = 1
                if open.count > maximumDepth { return (line, tooDeep) }
            case UInt8(ascii: "]"), UInt8(ascii: "}"):
                // The two pairs are two apart in ASCII.
                if let last = open.popLast(), byte(0) != last + 2 {
                    return (line, "\(last == UInt8(ascii: "[") ? "]" : "}") was expected before \(last == UInt8(ascii: "[") ? "}" : "]")")
                }
                parts = 1
            case UInt8(ascii: ","), UInt8(ascii: "="):
                parts = 1
            case UInt8(ascii: "."):
                parts += 1
                if parts > maximumDepth { return (line, tooDeep) }
            default: break
            }
            index += 1
        }
        return nil
    }

    /// Whether what follows `[` or `[[` can be a name; the reader itself says what is wrong with `[]`.
    private static func hasName(_ bytes: [UInt8], after start: Int) -> Bool {
        var index = start + 1
        func skipSpace() {
            while index < bytes.count, bytes[index] == UInt8(ascii: " ") || bytes[index] == UInt8(ascii: "\t") { index += 1 }
        }
        skipSpace()
        if index < bytes.count, bytes[index] == UInt8(ascii: "[") {
            index += 1
            skipSpace()
        }
        guard index < bytes.count else { return true }
        switch bytes[index] {
        case UInt8(ascii: "0") ... UInt8(ascii: "9"), UInt8(ascii: "A") ... UInt8(ascii: "Z"), UInt8(ascii: "a") ... UInt8(ascii: "z"),
            UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "]"):
            return true
        default: return false
        }
    }
}
