import SequenceModel

extension TOMLReader {
    /// What stands after `=` or in an array.
    mutating func value(depth: Int) throws -> TOMLTable.Value {
        guard depth <= TOMLReader.maximumDepth else { throw tooDeep(at: position) }
        switch peek() {
        case UInt8(ascii: "\"")?, UInt8(ascii: "'")?: return .plain(.string(try string()))
        case UInt8(ascii: "[")?: return .plain(try array(depth: depth))
        case UInt8(ascii: "{")?: return .table(try inlineTable(depth: depth))
        default: return .plain(try word())
        }
    }

    private mutating func array(depth: Int) throws -> JSONValue {
        position += 1
        var items: [JSONValue] = []
        while true {
            try skipBlank()
            if peek() == UInt8(ascii: "]") { break }
            items.append(try value(depth: depth + 1).json)
            try skipBlank()
            if peek() == UInt8(ascii: "]") { break }
            try expect(",", "or ] after a value of a list")
        }
        position += 1
        return .array(items)
    }

    private mutating func inlineTable(depth: Int) throws -> TOMLTable {
        let table = TOMLTable(.inline)
        position += 1
        skipSpace()
        if peek() == UInt8(ascii: "}") {
            position += 1
            return table
        }
        while true {
            skipSpace()
            try member(of: table, depth: depth + 1)
            skipSpace()
            if peek() == UInt8(ascii: "}") { break }
            try expect(",", "or } after a value of a table")
        }
        position += 1
        return table
    }

    // MARK: Numbers and words

    private mutating func word() throws -> JSONValue {
        let start = position
        while let byte = peek(), TOMLReader.isBare(byte) || byte == UInt8(ascii: "+") || byte == UInt8(ascii: ".") || byte == UInt8(ascii: ":") {
            position += 1
        }
        guard position > start else { throw mistake("a value was expected, not \(shown)") }
        let text = String(decoding: bytes[start ..< position], as: UTF8.self)
        switch text {
        case "true": return .boolean(true)
        case "false": return .boolean(false)
        case "nan", "+nan", "-nan": return .string("NaN")
        case "inf", "+inf": return .string("Infinity")
        case "-inf": return .string("-Infinity")
        default: break
        }
        if let number = try number(text, at: start) { return number }
        let isDate = text.prefixMatch(of: /[0-9]{4}-[0-9]{2}|[0-9]{2}:[0-9]{2}/) != nil
        throw mistake(
            isDate ? "\(short(text)) is a date or a time, which no key takes; text stands in quotes"
                : "\(short(text)) is no value; text stands in quotes", at: start)
    }

    /// nil for what is none.
    private func number(_ text: String, at start: Int) throws -> JSONValue? {
        let isSigned = text.hasPrefix("+") || text.hasPrefix("-")
        for (prefix, radix, digits) in [("0x", 16, "0123456789abcdef"), ("0o", 8, "01234567"), ("0b", 2, "01")] where text.hasPrefix(prefix) {
            let rest = text.dropFirst(2)
            guard let plain = withoutUnderscores(rest), plain.lowercased().allSatisfy(digits.contains) else { return nil }
            guard let value = Int64(plain, radix: radix) else { throw tooLarge(text, start) }
            return .integer(value)
        }
        let body = text.dropFirst(isSigned ? 1 : 0)
        guard let match = body.wholeMatch(of: /([0-9_]+)(\.[0-9_]+)?([eE][-+]?[0-9_]+)?/), let whole = withoutUnderscores(match.1),
            whole == "0" || !whole.hasPrefix("0")
        else { return nil }
        let sign = text.hasPrefix("-") ? "-" : ""
        if match.2 == nil, match.3 == nil {
            guard let value = Int64(sign + whole) else { throw tooLarge(text, start) }
            return .integer(value)
        }
        var plain = sign + whole
        if let fraction = match.2 {
            guard let digits = withoutUnderscores(fraction.dropFirst()) else { return nil }
            plain += "." + digits
        }
        if let exponent = match.3 {
            let isExponentSigned = exponent.dropFirst().first.map { "+-".contains($0) } ?? false
            guard let digits = withoutUnderscores(exponent.dropFirst(isExponentSigned ? 2 : 1)) else { return nil }
            plain += exponent.prefix(isExponentSigned ? 2 : 1) + digits
        }
        guard let value = Double(plain) else { return nil }
        guard value.isFinite else { throw tooLarge(text, start) }
        return .number(value)
    }

    /// Each must stand between two digits.
    private func withoutUnderscores(_ text: Substring) -> String? {
        guard !text.isEmpty, !text.hasPrefix("_"), !text.hasSuffix("_"), !text.contains("__") else { return nil }
        return String(text).replacing("_", with: "")
    }

    private func tooLarge(_ text: String, _ start: Int) -> Mistake {
        mistake("\(short(text)) is out of range: whole numbers have 64 bits, others go to 1.8e308", at: start)
    }

    private func short(_ text: String) -> String { text.count > 40 ? text.prefix(39) + "…" : text }

    // MARK: Text

    /// Text in quotes of any of the four kinds.
    mutating func string() throws -> String {
        let start = position
        guard let quote = peek() else { throw mistake("text in quotes was expected") }
        let isLong = byte(1) == quote && byte(2) == quote
        position += isLong ? 3 : 1
        if isLong {
            // A line break right after the quotes is not part of the text.
            if peek() == UInt8(ascii: "\r"), byte(1) == UInt8(ascii: "\n") { position += 1 }
            if peek() == UInt8(ascii: "\n") { position += 1 }
        }
        var text: [UInt8] = []
        while let byte = peek() {
            if byte == quote {
                if !isLong {
                    position += 1
                    return String(decoding: text, as: UTF8.self)
                }
                var count = 0
                while count < 5, self.byte(count) == quote { count += 1 }
                position += count
                if count >= 3 {
                    // Up to two quotes before the three that end it are text.
                    text += Array(repeating: quote, count: count - 3)
                    return String(decoding: text, as: UTF8.self)
                }
                text += Array(repeating: quote, count: count)
            } else if byte == UInt8(ascii: "\\"), quote == UInt8(ascii: "\"") {
                try escape(isLong, into: &text)
            } else if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") && self.byte(1) == UInt8(ascii: "\n") {
                guard isLong else { break }
                text.append(byte)
                position += 1
            } else {
                guard byte >= 0x20 && byte != 0x7F || byte == UInt8(ascii: "\t") else { throw mistake("a control character in text; \\u00XX stands for one") }
                text.append(byte)
                position += 1
            }
        }
        throw mistake("the text that begins here does not end\(isLong ? "" : " on its line")", at: start)
    }

    private mutating func escape(_ isLong: Bool, into text: inout [UInt8]) throws {
        let plain: [UInt8: UInt8] = [
            UInt8(ascii: "b"): 8, UInt8(ascii: "t"): 9, UInt8(ascii: "n"): 10, UInt8(ascii: "f"): 12, UInt8(ascii: "r"): 13,
            UInt8(ascii: "\""): 0x22, UInt8(ascii: "\\"): 0x5C,
        ]
        guard let letter = byte(1) else { throw mistake("the text ends after \\") }
        if let byte = plain[letter] {
            text.append(byte)
            position += 2
        } else if letter == UInt8(ascii: "u") || letter == UInt8(ascii: "U") {
            let count = letter == UInt8(ascii: "u") ? 4 : 8
            let digits = bytes[min(position + 2, bytes.count) ..< min(position + 2 + count, bytes.count)]
            let isHexadecimal = digits.allSatisfy { UInt32(String(UnicodeScalar($0)), radix: 16) != nil }
            guard digits.count == count, isHexadecimal, let value = UInt32(String(decoding: digits, as: UTF8.self), radix: 16),
                let scalar = Unicode.Scalar(value), value != 0
            else { throw mistake("\\\(UnicodeScalar(letter)) takes \(count) hexadecimal digits of a character") }
            text += Array(String(Character(scalar)).utf8)
            position += 2 + count
        } else if isLong {
            // \ at the end of a line: that line break and all blank that follows is not part of the text.
            let start = position
            position += 1
            skipSpace()
            var hasBreak = false
            while let byte = peek(), [0x20, 0x09, 0x0A, 0x0D].contains(byte) {
                hasBreak = hasBreak || byte == UInt8(ascii: "\n")
                position += 1
            }
            guard hasBreak else { throw mistake("\\ stands before one of b t n f r \" \\ u U, or at the end of a line", at: start) }
        } else {
            throw mistake("\\ stands before one of b t n f r \" \\ u U; text in single quotes takes it as it is")
        }
    }
}
