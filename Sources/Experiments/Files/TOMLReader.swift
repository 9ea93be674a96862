import PluginHost
import SequenceModel

/// Reads TOML 1.0 (toml.io/en/v1.0.0) strictly; dates are refused, since nothing here takes one.
///
/// Of its own because a reader must say what is wrong with any bytes and never end the process. Each mistake has its line and column.
struct TOMLReader {
    /// Tables and arrays inside each other, by whatever notation.
    static let maximumDepth = 32

    /// What is wrong with a text, and where.
    struct Mistake: Error {
        var line: Int
        var column: Int
        var text: String
    }

    let bytes: [UInt8]
    var position = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        // A byte-order mark is no part of the text.
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
    }

    /// The whole text, members sorted by key.
    ///
    /// - Parameter bytes: UTF-8.
    /// - Throws: `Mistake`.
    /// - Complexity: O(length × depth)
    static func read(_ bytes: [UInt8]) throws -> JSONValue {
        var reader = TOMLReader(bytes)
        return try reader.document().json
    }

    private mutating func document() throws -> TOMLTable {
        let root = TOMLTable(.header)
        var current = root
        while true {
            try skipBlank()
            guard let byte = peek() else { return root }
            if byte == UInt8(ascii: "[") {
                current = try header(root)
            } else {
                try member(of: current, depth: 0)
            }
            try endOfLine()
        }
    }

    /// `[a.b]` or `[[a.b]]`: the table that the following lines belong to.
    private mutating func header(_ root: TOMLTable) throws -> TOMLTable {
        let start = position
        position += 1
        let isList = peek() == UInt8(ascii: "[")
        if isList { position += 1 }
        skipSpace()
        let path = try key()
        try expect("]", "after the name of a table")
        if isList { try expect("]", "after the name of a list of tables") }
        var table = root
        for part in path.dropLast() {
            switch table[part] {
            case nil:
                let next = TOMLTable(.implied)
                table[part] = .table(next)
                table = next
            case .table(let next)? where next.origin != .inline: table = next
            case .tables(let list)?: table = list.items[list.items.count - 1]
            default: throw mistake("\(part) has a value already; it cannot be a table", at: start)
            }
        }
        let name = path[path.count - 1]
        switch (table[name], isList) {
        case (nil, false):
            let next = TOMLTable(.header)
            table[name] = .table(next)
            return next
        case (nil, true):
            let next = TOMLTable(.header)
            table[name] = .tables(TOMLTable.List(next))
            return next
        case (.table(let next)?, false) where next.origin == .implied:
            next.origin = .header
            return next
        case (.tables(let list)?, true):
            let next = TOMLTable(.header)
            list.items.append(next)
            return next
        default: throw mistake("\(path.joined(separator: ".")) is there already", at: start)
        }
    }

    /// `a.b = value`, into a table.
    mutating func member(of table: TOMLTable, depth: Int) throws {
        let start = position
        let path = try key()
        guard depth + path.count <= TOMLReader.maximumDepth else { throw tooDeep(at: start) }
        try expect("=", "after the key \(path.joined(separator: "."))")
        skipSpace()
        var place = table
        for part in path.dropLast() {
            switch place[part] {
            case nil:
                let next = TOMLTable(.dotted)
                place[part] = .table(next)
                place = next
            case .table(let next)? where next.origin == .dotted: place = next
            default: throw mistake("\(part) is there already; nothing can be put into it here", at: start)
            }
        }
        let name = path[path.count - 1]
        guard place[name] == nil else { throw mistake("\(path.joined(separator: ".")) is there twice", at: start) }
        place[name] = try value(depth: depth + path.count - 1)
    }

    /// Parts of a dotted key; the spaces after it are skipped.
    private mutating func key() throws -> [String] {
        var parts: [String] = []
        while true {
            guard parts.count < TOMLReader.maximumDepth else { throw tooDeep(at: position) }
            switch peek() {
            case UInt8(ascii: "\"")?, UInt8(ascii: "'")?:
                guard !(byte(1) == byte(0) && byte(2) == byte(0)) else { throw mistake("a key is on one line, in single quotes or double quotes") }
                parts.append(try string())
            default:
                let start = position
                while let byte = peek(), TOMLReader.isBare(byte) { position += 1 }
                guard position > start else { throw mistake("a key was expected: letters, digits, - and _, or text in quotes") }
                parts.append(String(decoding: bytes[start ..< position], as: UTF8.self))
            }
            skipSpace()
            guard peek() == UInt8(ascii: ".") else { return parts }
            position += 1
            skipSpace()
        }
    }

    static func isBare(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0") ... UInt8(ascii: "9"), UInt8(ascii: "A") ... UInt8(ascii: "Z"), UInt8(ascii: "a") ... UInt8(ascii: "z"),
            UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    // MARK: Places

    /// The byte that comes next; nil at the end.
    func peek() -> UInt8? { position < bytes.count ? bytes[position] : nil }

    /// The byte so far ahead; nil beyond the end.
    func byte(_ offset: Int) -> UInt8? { position + offset < bytes.count ? bytes[position + offset] : nil }

    mutating func skipSpace() {
        while let byte = peek(), byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") { position += 1 }
    }

    /// Spaces, line breaks and comments.
    mutating func skipBlank() throws {
        while true {
            skipSpace()
            switch peek() {
            case UInt8(ascii: "\n")?: position += 1
            case UInt8(ascii: "\r")? where byte(1) == UInt8(ascii: "\n"): position += 2
            case UInt8(ascii: "#")?: try skipComment()
            default: return
            }
        }
    }

    private mutating func skipComment() throws {
        while let byte = peek(), byte != UInt8(ascii: "\n") {
            if byte == UInt8(ascii: "\r"), self.byte(1) == UInt8(ascii: "\n") { return }
            guard byte >= 0x20 && byte != 0x7F || byte == UInt8(ascii: "\t") else { throw mistake("a control character in a comment") }
            position += 1
        }
    }

    private mutating func endOfLine() throws {
        skipSpace()
        switch peek() {
        case nil, UInt8(ascii: "\n")?, UInt8(ascii: "#")?: return
        case UInt8(ascii: "\r")? where byte(1) == UInt8(ascii: "\n"): return
        default: throw mistake("nothing more was expected on this line, but \(shown)")
        }
    }

    mutating func expect(_ character: Unicode.Scalar, _ place: String) throws {
        guard peek().map({ UInt32($0) }) == character.value else { throw mistake("\(character) was expected \(place), not \(shown)") }
        position += 1
    }

    /// What comes next, for messages.
    var shown: String {
        guard let byte = peek() else { return "the end of the text" }
        if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") { return "the end of the line" }
        let character = String(decoding: bytes[position ..< min(position + 8, bytes.count)], as: UTF8.self).unicodeScalars.first
        return character.map { $0.value < 0x20 || $0.value == 0x7F ? "a control character" : "\($0)" } ?? "nothing"
    }

    func tooDeep(at offset: Int) -> Mistake {
        mistake("keys and values are nested more than \(TOMLReader.maximumDepth) deep", at: offset)
    }

    /// Something wrong here, or at an offset.
    func mistake(_ text: String, at offset: Int? = nil) -> Mistake {
        let end = min(offset ?? position, bytes.count)
        let before = bytes[..<end]
        let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        // Columns are characters, which begin with a byte that continues none.
        let column = before[lineStart...].count { $0 & 0xC0 != 0x80 } + 1
        return Mistake(line: before.count { $0 == UInt8(ascii: "\n") } + 1, column: column, text: text)
    }
}
