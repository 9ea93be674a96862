/// A strict reader of JSON (RFC 8259): no byte-order mark, trailing comma, duplicate key, comment or invalid UTF-8; at most 64
/// levels deep and `maximumBytes` long. Errors say where.
public struct JSONParser {
    /// Arrays and objects inside each other.
    public static let maximumDepth = 64
    private let bytes: UnsafeBufferPointer<UInt8>
    private var position = 0

    /// Throws `.invalidArgument` with line and column.
    ///
    /// - Complexity: O(length)
    public static func parse(_ text: String, maximumBytes: Int = 1 << 20) throws -> JSONValue {
        try parse(Array(text.utf8), maximumBytes: maximumBytes)
    }

    /// The same for bytes that ought to be UTF-8.
    public static func parse(_ bytes: [UInt8], maximumBytes: Int = 1 << 20) throws -> JSONValue {
        guard bytes.count <= maximumBytes else {
            throw SequenceModelError(
                .invalidArgument, "JSON text has \(bytes.count) bytes; at most \(maximumBytes) are read")
        }
        return try bytes.withUnsafeBufferPointer { buffer in
            var parser = JSONParser(bytes: buffer)
            let value = try parser.value(depth: 0)
            parser.skipSpace()
            guard parser.position == buffer.count else { throw parser.failure("text after the end of the value") }
            return value
        }
    }

    private init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private func failure(_ text: String) -> SequenceModelError {
        var line = 1
        var column = 1
        for index in 0 ..< min(position, bytes.count) {
            if bytes[index] == UInt8(ascii: "\n") {
                line += 1
                column = 1
            } else {
                column += 1
            }
        }
        return SequenceModelError(.invalidArgument, "JSON, line \(line), column \(column): \(text)")
    }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { position += 1 }
    }

    private mutating func expect(_ literal: StaticString, _ value: JSONValue) throws -> JSONValue {
        for index in 0 ..< literal.utf8CodeUnitCount {
            guard next == literal.utf8Start[index] else { throw failure("expected \(literal)") }
            position += 1
        }
        return value
    }

    private mutating func value(depth: Int) throws -> JSONValue {
        guard depth < JSONParser.maximumDepth else {
            throw failure("nested deeper than \(JSONParser.maximumDepth) levels")
        }
        skipSpace()
        switch next {
        case UInt8(ascii: "{"): return .object(try object(depth: depth))
        case UInt8(ascii: "["): return .array(try array(depth: depth))
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try expect("true", .boolean(true))
        case UInt8(ascii: "f"): return try expect("false", .boolean(false))
        case UInt8(ascii: "n"): return try expect("null", .null)
        case let byte? where byte == UInt8(ascii: "-") || (0x30 ... 0x39).contains(byte): return try number()
        case nil: throw failure("the text ends where a value was expected")
        default: throw failure("a value was expected")
        }
    }

    private mutating func object(depth: Int) throws -> JSONObject {
        position += 1
        var object = JSONObject()
        skipSpace()
        if next == UInt8(ascii: "}") {
            position += 1
            return object
        }
        while true {
            skipSpace()
            guard next == UInt8(ascii: "\"") else { throw failure("a key in quotes was expected") }
            let key = try string()
            guard object[key] == nil else { throw failure("the key \"\(key)\" is there twice") }
            skipSpace()
            guard next == UInt8(ascii: ":") else { throw failure("':' was expected after the key \"\(key)\"") }
            position += 1
            object[key] = try value(depth: depth + 1)
            skipSpace()
            let separator = next
            guard separator == UInt8(ascii: ",") || separator == UInt8(ascii: "}") else {
                throw failure("',' or '}' was expected")
            }
            position += 1
            if separator == UInt8(ascii: "}") { return object }
        }
    }

    private mutating func array(depth: Int) throws -> [JSONValue] {
        position += 1
        var items: [JSONValue] = []
        skipSpace()
        if next == UInt8(ascii: "]") {
            position += 1
            return items
        }
        while true {
            items.append(try value(depth: depth + 1))
            skipSpace()
            let separator = next
            guard separator == UInt8(ascii: ",") || separator == UInt8(ascii: "]") else {
                throw failure("',' or ']' was expected")
            }
            position += 1
            if separator == UInt8(ascii: "]") { return items }
        }
    }

    private mutating func digits() -> Int {
        let start = position
        while let byte = next, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") { position += 1 }
        return position - start
    }

    private mutating func number() throws -> JSONValue {
        let start = position
        var isInteger = true
        if next == UInt8(ascii: "-") { position += 1 }
        let leadingZero = next == UInt8(ascii: "0")
        let wholeDigits = digits()
        guard wholeDigits > 0, !(leadingZero && wholeDigits > 1) else { throw failure("a malformed number") }
        if next == UInt8(ascii: ".") {
            isInteger = false
            position += 1
            guard digits() > 0 else { throw failure("a digit was expected after '.'") }
        }
        if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
            isInteger = false
            position += 1
            if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { position += 1 }
            guard digits() > 0 else { throw failure("a digit was expected in the exponent") }
        }
        let text = String(decoding: UnsafeBufferPointer(rebasing: bytes[start ..< position]), as: UTF8.self)
        if isInteger, let value = Int64(text) { return .integer(value) }
        guard let value = Double(text), value.isFinite else { throw failure("the number \(text) is out of range") }
        return .number(value)
    }

    private mutating func string() throws -> String {
        position += 1
        var text: [UInt8] = []
        while let byte = next {
            position += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let string = String(validating: text, as: UTF8.self) else {
                    throw failure("a string that is not UTF-8")
                }
                return string
            case UInt8(ascii: "\\"): text.append(contentsOf: try escape())
            case 0 ..< 0x20: throw failure("a control character in a string")
            default: text.append(byte)
            }
        }
        throw failure("a string without end")
    }

    private mutating func escape() throws -> [UInt8] {
        guard let byte = next else { throw failure("a string without end") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "f"): return [0x0C]
        case UInt8(ascii: "n"): return [0x0A]
        case UInt8(ascii: "r"): return [0x0D]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "u"):
            var code = try hexadecimal()
            if (0xD800 ... 0xDBFF).contains(code) {
                guard next == UInt8(ascii: "\\") else { throw failure("half of a surrogate pair") }
                position += 1
                guard next == UInt8(ascii: "u") else { throw failure("half of a surrogate pair") }
                position += 1
                let low = try hexadecimal()
                guard (0xDC00 ... 0xDFFF).contains(low) else { throw failure("half of a surrogate pair") }
                code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
            }
            guard let scalar = Unicode.Scalar(code) else { throw failure("half of a surrogate pair") }
            return Array(String(Character(scalar)).utf8)
        default: throw failure("an unknown escape")
        }
    }

    private mutating func hexadecimal() throws -> UInt32 {
        var code: UInt32 = 0
        for _ in 0 ..< 4 {
            guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else {
                throw failure("four hexadecimal digits were expected")
            }
            code = code << 4 | UInt32(digit)
            position += 1
        }
        return code
    }
}
