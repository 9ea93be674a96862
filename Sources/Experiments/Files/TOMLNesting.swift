/// How deep keys and values of a TOML text are nested, found without reading it: the reader calls itself for each level.
enum TOMLNesting {
    /// Of tables within tables, by whatever notation: the parts of one dotted key, and brackets within brackets.
    static let maximumDepth = 32

    /// The line, from 1, on which a text goes too deep; nil when it does not. Text that is not TOML may be judged too deep or not: the reader stops
    /// at its first mistake, before which both see the same.
    static func tooDeep(_ bytes: [UInt8]) -> Int? {
        var line = 1
        var brackets = 0
        var parts = 1
        var index = 0
        func byte(_ offset: Int) -> UInt8 { index + offset < bytes.count ? bytes[index + offset] : 0 }
        while index < bytes.count {
            switch byte(0) {
            case UInt8(ascii: "\n"):
                line += 1
                parts = 1
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
                        if !isLong { break }
                    }
                    if byte(0) == UInt8(ascii: "\\"), quote == UInt8(ascii: "\"") {
                        if byte(1) == UInt8(ascii: "\n") { line += 1 }
                        index += 2
                        continue
                    }
                    if byte(0) == quote, !isLong || (byte(1) == quote && byte(2) == quote) {
                        if isLong { index += 2 }
                        break
                    }
                    index += 1
                }
            case UInt8(ascii: "["), UInt8(ascii: "{"):
                brackets += 1
                parts = 1
                if brackets > maximumDepth { return line }
            case UInt8(ascii: "]"), UInt8(ascii: "}"):
                brackets = max(brackets - 1, 0)
                parts = 1
            case UInt8(ascii: ","), UInt8(ascii: "="):
                parts = 1
            case UInt8(ascii: "."):
                parts += 1
                if parts > maximumDepth { return line }
            default: break
            }
            index += 1
        }
        return nil
    }
}
