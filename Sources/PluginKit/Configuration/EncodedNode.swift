internal import SequenceModel

/// A value on its way from a `Codable` type to JSON, with what the schema wants to know of its type.
final class EncodedNode {
    /// Set for anything but objects and arrays.
    var leaf: JSONValue?
    var members: [(key: String, node: EncodedNode)] = []
    var items: [EncodedNode]?
    /// JSON name of the type of an optional that holds nothing.
    var absentType: String?
    /// The words of a `ConfigurationChoice`.
    var words: [String]?

    var object: JSONObject {
        var object = JSONObject()
        for (key, node) in members { object[key] = node.json }
        return object
    }

    var json: JSONValue {
        if let leaf { return leaf }
        if let items { return .array(items.map(\.json)) }
        return .object(object)
    }

    var schema: JSONObject {
        var schema = JSONObject()
        if let absentType {
            schema["type"] = .array([.string(absentType), .string("null")])
        } else {
            schema["type"] = .string(EncodedNode.typeName(json))
        }
        if let words { schema["enum"] = .array(words.map { .string($0) }) }
        schema["default"] = json
        if leaf == nil, items == nil {
            var properties = JSONObject()
            for (key, node) in members { properties[key] = .object(node.schema) }
            schema["properties"] = .object(properties)
        }
        return schema
    }

    static func typeName(_ value: JSONValue) -> String {
        switch value {
        case .null: "null"
        case .boolean: "boolean"
        case .integer: "integer"
        case .number: "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }

    /// JSON name of a Swift type.
    static func typeName(of type: any Any.Type) -> String {
        switch type {
        case is Bool.Type: "boolean"
        case is any BinaryInteger.Type: "integer"
        case is any BinaryFloatingPoint.Type: "number"
        case is String.Type, is any ConfigurationChoice.Type: "string"
        case is any Collection.Type: "array"
        default: "object"
        }
    }
}
