/// The JSON key of a coding key: `hiddenSize` → `hidden_size`, `numKVHeads` → `num_kv_heads`. A key with an underscore was chosen by
/// hand and stays.
func configurationKey(_ key: any CodingKey) -> String {
    let name = Array(key.stringValue)
    guard !name.contains("_") else { return key.stringValue }
    var result = ""
    for (index, character) in name.enumerated() {
        if character.isUppercase, index > 0 {
            let afterLowercase = !name[index - 1].isUppercase
            let beforeLowercase = index + 1 < name.count && name[index + 1].isLowercase
            if afterLowercase || beforeLowercase { result += "_" }
        }
        result += character.lowercased()
    }
    return result
}

/// An index in an array, or a key known only as text.
struct PlainKey: CodingKey {
    var stringValue: String
    var intValue: Int?

    init(stringValue: String) { self.stringValue = stringValue }
    init(intValue: Int) {
        self.intValue = intValue
        stringValue = String(intValue)
    }
}
