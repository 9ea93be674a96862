import SequenceModel

/// Writes a result to stdout as JSON, members in order.
func print(json object: JSONObject) {
    print(JSONValue.object(object).prettyPrinted, terminator: "")
}

extension Double? {
    /// null when there is no figure.
    var json: JSONValue { map(JSONValue.number) ?? .null }
}

extension Int? {
    /// null when there is no figure.
    var json: JSONValue { map { .integer(Int64($0)) } ?? .null }
}
