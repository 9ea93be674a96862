public import SequenceModel

/// A JSON document inside a `Codable` value: a model's configuration.
///
/// `Codable` forgets the order of members; they are kept sorted by key, so that equal configurations are equal.
public struct ConfigurationJSON: Codable, Sendable, Equatable {
    /// Members of every object sorted by key.
    public let value: JSONValue

    /// Sorts the members; arrays keep their order.
    public init(_ value: JSONValue) { self.value = ConfigurationJSON.sorted(value) }

    /// JSON text with two spaces of indentation and a final line break.
    public var prettyPrinted: String { value.prettyPrinted }

    private static func sorted(_ value: JSONValue) -> JSONValue {
        switch value {
        case .array(let items): return .array(items.map(sorted))
        case .object(let object):
            var result = JSONObject()
            for key in object.keys.sorted() { result[key] = object[key].map(sorted) }
            return .object(result)
        default: return value
        }
    }

    /// Takes any JSON. Whole numbers become integers where 64 bits hold them, all others doubles.
    public init(from decoder: any Decoder) throws {
        if let container = try? decoder.container(keyedBy: Key.self) {
            var object = JSONObject()
            for key in container.allKeys.sorted(by: { $0.stringValue < $1.stringValue }) {
                object[key.stringValue] = try container.decode(ConfigurationJSON.self, forKey: key).value
            }
            value = .object(object)
        } else if var container = try? decoder.unkeyedContainer() {
            var items: [JSONValue] = []
            while !container.isAtEnd { items.append(try container.decode(ConfigurationJSON.self).value) }
            value = .array(items)
        } else {
            let container = try decoder.singleValueContainer()
            if container.decodeNil() {
                value = .null
            } else if let boolean = try? container.decode(Bool.self) {
                value = .boolean(boolean)
            } else if let integer = try? container.decode(Int64.self) {
                value = .integer(integer)
            } else if let number = try? container.decode(Double.self) {
                value = .number(number)
            } else {
                value = .string(try container.decode(String.self))
            }
        }
    }

    /// Writes the document itself, without a wrapper; null members stay.
    public func encode(to encoder: any Encoder) throws {
        switch value {
        case .null:
            var container = encoder.singleValueContainer()
            try container.encodeNil()
        case .boolean(let boolean):
            var container = encoder.singleValueContainer()
            try container.encode(boolean)
        case .integer(let integer):
            var container = encoder.singleValueContainer()
            try container.encode(integer)
        case .number(let number):
            var container = encoder.singleValueContainer()
            try container.encode(number)
        case .string(let string):
            var container = encoder.singleValueContainer()
            try container.encode(string)
        case .array(let items):
            var container = encoder.unkeyedContainer()
            for item in items { try container.encode(ConfigurationJSON(item)) }
        case .object(let object):
            var container = encoder.container(keyedBy: Key.self)
            for key in object.keys {
                try container.encode(ConfigurationJSON(object[key] ?? .null), forKey: Key(stringValue: key))
            }
        }
    }

    private struct Key: CodingKey {
        let stringValue: String
        init(stringValue: String) { self.stringValue = stringValue }
        var intValue: Int? { nil }
        init?(intValue: Int) { nil }
    }
}
