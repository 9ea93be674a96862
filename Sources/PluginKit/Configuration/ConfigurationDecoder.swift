internal import SequenceModel

/// JSON → `Codable`. Errors name the key, what was got and what was expected.
struct ConfigurationDecoder: Decoder {
    let value: JSONValue
    /// "rope_parameters.rope_theta"; empty at the top.
    let path: String
    var codingPath: [any CodingKey] { path.isEmpty ? [] : [PlainKey(stringValue: path)] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard let object = value.objectValue else { throw mismatch("an object") }
        return KeyedDecodingContainer(Keyed<Key>(object: object, path: path))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard let items = value.arrayValue else { throw mismatch("an array") }
        return Unkeyed(items: items, path: path)
    }

    func singleValueContainer() -> any SingleValueDecodingContainer { Single(decoder: self) }

    func mismatch(_ expected: String) -> SequenceModelError {
        let got: String = switch value {
        case .null, .array, .object: value.kind
        default: "\(value) (\(value.kind))"
        }
        return SequenceModelError(.invalidArgument, "\(path) is \(got); expected: \(expected)")
    }

    /// Reads any type out of `value`.
    func read<T: Decodable>(_ type: T.Type) throws -> T {
        if let choice = type as? any ConfigurationChoice.Type {
            guard let word = value.stringValue, choice.words.contains(word) else {
                throw mismatch(choice.words.map { "\"\($0)\"" }.joined(separator: " or "))
            }
            return try T(from: self)
        }
        switch type {
        case is Bool.Type: return try cast(value.booleanValue, "a boolean")
        case is String.Type: return try cast(value.stringValue, "a string")
        case is Double.Type: return try cast(value.doubleValue, "a number")
        case is Float.Type: return try cast(value.doubleValue.map { Float($0) }, "a number")
        case let integer as any FixedWidthInteger.Type: return try cast(value.integerValue.flatMap { integer.init(exactly: $0) }, "an integer")
        default: return try T(from: self)
        }
    }

    private func cast<T>(_ result: Any?, _ expected: String) throws -> T {
        guard let result = result as? T else { throw mismatch(expected) }
        return result
    }

    /// An error of an author's own `init(from:)` in our words.
    static func translated(_ error: DecodingError) -> SequenceModelError {
        let context: DecodingError.Context
        switch error {
        case .typeMismatch(_, let found), .valueNotFound(_, let found), .keyNotFound(_, let found), .dataCorrupted(let found):
            context = found
        @unknown default: return SequenceModelError(.invalidArgument, "\(error)")
        }
        let path = context.codingPath.map { configurationKey($0) }.joined(separator: ".")
        return SequenceModelError(.invalidArgument, "\(path.isEmpty ? "the configuration" : path): \(context.debugDescription)")
    }

    struct Single: SingleValueDecodingContainer {
        let decoder: ConfigurationDecoder
        var codingPath: [any CodingKey] { decoder.codingPath }
        func decodeNil() -> Bool { decoder.value == .null }
        func decode<T: Decodable>(_ type: T.Type) throws -> T { try decoder.read(type) }
    }

    struct Unkeyed: UnkeyedDecodingContainer {
        let items: [JSONValue]
        let path: String
        var currentIndex = 0
        var codingPath: [any CodingKey] { [PlainKey(stringValue: path)] }
        var count: Int? { items.count }
        var isAtEnd: Bool { currentIndex >= items.count }

        private mutating func next() throws -> ConfigurationDecoder {
            guard !isAtEnd else { throw SequenceModelError(.invalidArgument, "\(path) has only \(items.count) items") }
            defer { currentIndex += 1 }
            return ConfigurationDecoder(value: items[currentIndex], path: "\(path)[\(currentIndex)]")
        }

        mutating func decodeNil() throws -> Bool {
            guard !isAtEnd, items[currentIndex] == .null else { return false }
            currentIndex += 1
            return true
        }
        mutating func decode<T: Decodable>(_ type: T.Type) throws -> T { try next().read(type) }
        mutating func nestedContainer<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
            try next().container(keyedBy: type)
        }
        mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer { try next().unkeyedContainer() }
        mutating func superDecoder() throws -> any Decoder { try next() }
    }
}
