/// The members of a JSON object in the order of the text; keys are unique.
public struct JSONObject: Sendable, Equatable, ExpressibleByDictionaryLiteral {
    /// In the order of the text.
    public private(set) var keys: [String] = []
    private var values: [String: JSONValue] = [:]

    /// No members.
    public init() {}

    /// Members in the order given; of a key given twice the last value counts.
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        for (key, value) in elements { self[key] = value }
    }

    /// The member of that key; setting nil removes it, which takes time in the number of members.
    public subscript(key: String) -> JSONValue? {
        get { values[key] }
        set {
            if let newValue {
                if values.updateValue(newValue, forKey: key) == nil { keys.append(key) }
            } else if values.removeValue(forKey: key) != nil {
                keys.removeAll { $0 == key }
            }
        }
    }

    /// Whether there are no members.
    public var isEmpty: Bool { keys.isEmpty }
    /// The number of members.
    public var count: Int { keys.count }
}
