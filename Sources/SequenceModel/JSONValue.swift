/// A JSON document, objects in the order of the text. Plugins carry no Foundation, and what is exchanged or hashed needs a
/// strict reader: see `JSONParser`.
public indirect enum JSONValue: Sendable, Equatable {
    /// `null`
    case null
    /// `true` or `false`
    case boolean(Bool)
    /// A number written without fraction or exponent that fits.
    case integer(Int64)
    /// Any other number, finite.
    case number(Double)
    /// Text.
    case string(String)
    /// Values in order.
    case array([JSONValue])
    /// Members in the order of the text.
    case object(JSONObject)

    /// The member of an object; nil for anything else.
    public subscript(key: String) -> JSONValue? {
        if case .object(let object) = self { return object[key] }
        return nil
    }

    /// An object; nil for anything else.
    public var objectValue: JSONObject? { if case .object(let value) = self { return value } else { return nil } }
    /// An array; nil for anything else.
    public var arrayValue: [JSONValue]? { if case .array(let value) = self { return value } else { return nil } }
    /// A string; nil for anything else.
    public var stringValue: String? { if case .string(let value) = self { return value } else { return nil } }
    /// A boolean; nil for anything else.
    public var booleanValue: Bool? { if case .boolean(let value) = self { return value } else { return nil } }

    /// An integer, also when written as 3.0 or 1e3.
    public var integerValue: Int? {
        switch self {
        case .integer(let value): Int(exactly: value)
        case .number(let value): Int(exactly: value)
        default: nil
        }
    }

    /// A number of either kind; integers beyond 2⁵³ are rounded.
    public var doubleValue: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        default: nil
        }
    }

    /// "an object", "a string", …: for messages.
    public var kind: String {
        switch self {
        case .null: "null"
        case .boolean: "a boolean"
        case .integer: "an integer"
        case .number: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}
