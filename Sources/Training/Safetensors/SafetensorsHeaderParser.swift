/// Reads the one form of JSON that a safetensors header has, in one pass that bounds memory: a general reader would build a tree
/// many times the size of a hostile header before the first check.
struct SafetensorsHeaderParser {
    struct Entry {
        var name: String
        var scalar: SafetensorsScalar
        var shape: [Int]
        var begin: Int
        var end: Int
        /// Where in the file its description is.
        var offset: Int
    }

    private(set) var entries: [Entry] = []
    private(set) var metadata: [String: String] = [:]
    private var names: Set<String> = []
    private let bytes: UnsafeBufferPointer<UInt8>
    private var position = 0

    init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    mutating func parse() throws {
        guard !bytes.isEmpty else { throw failure("the header is empty; it must be a JSON object") }
        skipSpace()
        guard next == UInt8(ascii: "{") else { throw failure("the header must be a JSON object: '{' expected") }
        try members { parser, key, start in
            guard parser.names.insert(key).inserted else {
                throw SafetensorsFault(offset: start, "the name \(quoted(key)) is there twice")
            }
            if key == "__metadata__" {
                try parser.readMetadata()
            } else {
                try parser.readTensor(key, at: start)
            }
        }
        skipSpace()
        guard position == bytes.count else { throw failure("text after the end of the header's object") }
    }

    private mutating func readMetadata() throws {
        guard next == UInt8(ascii: "{") else { throw failure("__metadata__ must be an object of strings") }
        try members { parser, key, start in
            guard parser.next == UInt8(ascii: "\"") else {
                throw parser.failure("the value of \(quoted(key)) in __metadata__ must be a string")
            }
            guard parser.metadata.updateValue(try parser.string(), forKey: key) == nil else {
                throw SafetensorsFault(offset: start, "the name \(quoted(key)) is there twice in __metadata__")
            }
        }
    }

    private mutating func readTensor(_ name: String, at start: Int) throws {
        guard entries.count < SafetensorsHeader.maximumTensors else {
            throw failure("more than \(SafetensorsHeader.maximumTensors) tensors")
        }
        try SafetensorsHeaderParser.check(name: name, at: start)
        guard next == UInt8(ascii: "{") else { throw failure("tensor \(quoted(name)) must be described by an object") }
        var scalar: SafetensorsScalar?
        var shape: [Int]?
        var offsets: [Int]?
        try members { parser, key, start in
            func once(_ isFirst: Bool) throws {
                if !isFirst {
                    throw SafetensorsFault(offset: start, "tensor \(quoted(name)): the key \(quoted(key)) is there twice")
                }
            }
            switch key {
            case "dtype":
                try once(scalar == nil)
                let place = parser.position
                guard parser.next == UInt8(ascii: "\"") else {
                    throw parser.failure("tensor \(quoted(name)): dtype must be a string")
                }
                let text = try parser.string()
                guard let known = SafetensorsScalar(rawValue: text) else {
                    throw SafetensorsFault(
                        offset: 8 + place,
                        "tensor \(quoted(name)) has the unknown dtype \(quoted(text)); known: "
                            + SafetensorsScalar.allCases.map(\.rawValue).joined(separator: ", "))
                }
                scalar = known
            case "shape":
                try once(shape == nil)
                shape = try parser.integers(of: "tensor \(quoted(name)): shape", limit: SafetensorsHeader.maximumRank)
            case "data_offsets":
                try once(offsets == nil)
                let place = parser.position
                let pair = try parser.integers(of: "tensor \(quoted(name)): data_offsets", limit: 2)
                guard pair.count == 2 else {
                    throw SafetensorsFault(
                        offset: 8 + place, "tensor \(quoted(name)): data_offsets must be two numbers, not \(pair.count)")
                }
                offsets = pair
            default:
                throw SafetensorsFault(
                    offset: start,
                    "tensor \(quoted(name)) has the unknown key \(quoted(key)); known: dtype, shape, data_offsets")
            }
        }
        guard let scalar else { throw SafetensorsFault(offset: start, "tensor \(quoted(name)) has no dtype") }
        guard let shape else { throw SafetensorsFault(offset: start, "tensor \(quoted(name)) has no shape") }
        guard let offsets else { throw SafetensorsFault(offset: start, "tensor \(quoted(name)) has no data_offsets") }
        entries.append(
            Entry(name: name, scalar: scalar, shape: shape, begin: offsets[0], end: offsets[1], offset: start))
    }

    /// Names become keys of configurations, lines on terminals and parts of paths in other programs.
    private static func check(name: String, at offset: Int) throws {
        guard !name.isEmpty else { throw SafetensorsFault(offset: offset, "a tensor has an empty name") }
        guard name.utf8.count <= SafetensorsHeader.maximumNameBytes else {
            throw SafetensorsFault(
                offset: offset,
                "the name \(quoted(name)) has \(name.utf8.count) bytes; at most \(SafetensorsHeader.maximumNameBytes) are allowed")
        }
        guard !name.unicodeScalars.contains(where: { $0.value < 0x20 || (0x7F ..< 0xA0).contains($0.value) }) else {
            throw SafetensorsFault(offset: offset, "the name \(quoted(name)) holds a control character")
        }
        guard !name.contains("..") else {
            throw SafetensorsFault(offset: offset, "the name \(quoted(name)) holds \"..\"")
        }
    }

    // The grammar of JSON (RFC 8259), as far as it is needed here.

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private func failure(_ text: String) -> SafetensorsFault { SafetensorsFault(offset: 8 + position, text) }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { position += 1 }
    }

    /// Members of an object whose '{' is next; `read` finds the position at the value and leaves it behind.
    private mutating func members(
        _ read: (inout SafetensorsHeaderParser, _ key: String, _ offset: Int) throws -> Void
    ) throws {
        position += 1
        skipSpace()
        if next == UInt8(ascii: "}") {
            position += 1
            return
        }
        while true {
            skipSpace()
            guard next == UInt8(ascii: "\"") else { throw failure("a key in quotes was expected") }
            let start = 8 + position
            let key = try string()
            skipSpace()
            guard next == UInt8(ascii: ":") else { throw failure("':' was expected after the key \(quoted(key))") }
            position += 1
            skipSpace()
            try read(&self, key, start)
            skipSpace()
            let separator = next
            guard separator == UInt8(ascii: ",") || separator == UInt8(ascii: "}") else {
                throw failure("',' or '}' was expected")
            }
            position += 1
            if separator == UInt8(ascii: "}") { return }
        }
    }

    /// An array of whole numbers, at most `limit` of them, each 0 to 2⁶³ − 1.
    private mutating func integers(of what: String, limit: Int) throws -> [Int] {
        guard next == UInt8(ascii: "[") else { throw failure("\(what) must be an array of whole numbers") }
        position += 1
        var numbers: [Int] = []
        skipSpace()
        if next == UInt8(ascii: "]") {
            position += 1
            return numbers
        }
        while true {
            skipSpace()
            guard numbers.count < limit else { throw failure("\(what) has more than \(limit) numbers") }
            numbers.append(try integer(of: what))
            skipSpace()
            let separator = next
            guard separator == UInt8(ascii: ",") || separator == UInt8(ascii: "]") else {
                throw failure("\(what): ',' or ']' was expected")
            }
            position += 1
            if separator == UInt8(ascii: "]") { return numbers }
        }
    }

    private mutating func integer(of what: String) throws -> Int {
        let start = position
        var value = 0
        while let byte = next, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") {
            let (tens, overflow1) = value.multipliedReportingOverflow(by: 10)
            let (sum, overflow2) = tens.addingReportingOverflow(Int(byte) - 48)
            guard !overflow1, !overflow2 else { throw failure("\(what) holds a number over 2⁶³ − 1") }
            value = sum
            position += 1
        }
        let leadingZero = position - start > 1 && bytes[start] == UInt8(ascii: "0")
        guard position > start, !leadingZero else { throw failure("\(what) must hold whole numbers from 0 on") }
        return value
    }

    private mutating func string() throws -> String {
        position += 1
        var text: [UInt8] = []
        while let byte = next {
            let start = position
            position += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let string = String(validating: text, as: UTF8.self) else {
                    throw failure("a string that is not UTF-8")
                }
                return string
            case UInt8(ascii: "\\"): text.append(contentsOf: try escape())
            case 0 ..< 0x20:
                throw SafetensorsFault(offset: 8 + start, "a control character in a string")
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
            guard let byte = next, byte < 0x80, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw failure("four hexadecimal digits were expected")
            }
            code = code << 4 | UInt32(digit)
            position += 1
        }
        return code
    }
}
