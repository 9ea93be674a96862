import PluginHost
public import SequenceModel

/// Reads TOML as the value that the same data would be in JSON: members sorted by key, and numbers that are not finite as the strings `NaN`,
/// `Infinity` and `-Infinity`, which no key here takes.
public enum TOMLText {
    /// Longer texts are no experiments.
    public static let maximumBytes = 1 << 20

    /// - Parameter name: the file, for messages.
    /// - Throws: `ZooError` (`.data`) with line and column, or the offset, of what is wrong: not UTF-8, too long, too deep, not TOML.
    /// - Complexity: O(length)
    public static func parse(_ bytes: [UInt8], name: String) throws -> JSONValue {
        guard bytes.count <= maximumBytes else {
            throw ZooError(.data, "\(name) has \(bytes.count) bytes; allowed: at most \(maximumBytes)")
        }
        if let offset = bytes.firstIndex(of: 0) {
            throw ZooError(.data, "\(name): a zero byte at offset \(offset), line \(line(of: offset, in: bytes)); TOML is text")
        }
        guard String(validating: bytes, as: UTF8.self) != nil else {
            let offset = invalidOffset(bytes)
            throw ZooError(.data, "\(name): the byte at offset \(offset), line \(line(of: offset, in: bytes)), is not UTF-8")
        }
        do {
            return try TOMLReader.read(bytes)
        } catch let mistake as TOMLReader.Mistake {
            throw ZooError(.data, "\(name): line \(mistake.line), column \(mistake.column): \(mistake.text)")
        }
    }

    /// One value as it stands after `=`; nil when it is none.
    public static func value(_ text: String) -> JSONValue? {
        guard !text.contains(where: \.isNewline) else { return nil }
        let line = Array("value = \(text)".utf8)
        guard let table = (try? parse(line, name: ""))?.objectValue, table.keys == ["value"] else { return nil }
        return table["value"]
    }

    private static func line(of offset: Int, in bytes: [UInt8]) -> Int {
        1 + bytes[..<offset].count { $0 == UInt8(ascii: "\n") }
    }

    /// Where text that is not UTF-8 stops being it.
    private static func invalidOffset(_ bytes: [UInt8]) -> Int {
        var decoder = UTF8()
        var iterator = bytes.makeIterator()
        var offset = 0
        while true {
            switch decoder.decode(&iterator) {
            case .scalarValue(let scalar): offset += UTF8.width(scalar)
            case .emptyInput, .error: return min(offset, max(bytes.count - 1, 0))
            }
        }
    }
}
