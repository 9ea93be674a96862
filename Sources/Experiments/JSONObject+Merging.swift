import SequenceModel

extension JSONObject {
    /// These members with those of `other` over them.
    func merging(_ other: JSONObject) -> JSONObject {
        other.keys.reduce(into: self) { $0[$1] = other[$1] }
    }
}
