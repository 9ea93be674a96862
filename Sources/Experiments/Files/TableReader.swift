import SequenceModel

/// Reads the keys of one table of an experiment file. What is wrong goes to the list; a value that is wrong is as if it was not there.
struct TableReader {
    let object: JSONObject
    /// `comparison.families.budget`; empty for the whole file.
    let path: String
    let problems: ProblemList

    /// The key as a person would look for it in the file.
    func name(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    /// Says which keys are not among those that may be there.
    func check(known: [String]) {
        for key in object.keys where !known.contains(key) {
            let near = nearestName(to: key, among: known).map { "; did you mean \($0)?" }
            problems.add("\(name(key)): there is no such key\(near ?? "; the keys are \(known.joined(separator: ", "))")")
        }
    }

    /// The value of a key, read by `read`, which returns nil for one that is not allowed.
    func value<Value>(_ key: String, _ allowed: String, _ read: (JSONValue) -> Value?) -> Value? {
        guard let value = object[key] else { return nil }
        if let result = read(value) { return result }
        problems.add("\(name(key)) is \(TableReader.text(value)); allowed: \(allowed)")
        return nil
    }

    func text(_ key: String) -> String? { value(key, "text in quotes") { $0.stringValue } }

    func boolean(_ key: String) -> Bool? { value(key, "true or false") { $0.booleanValue } }

    func number(_ key: String, _ allowed: String, _ test: (Double) -> Bool) -> Double? {
        value(key, allowed) { $0.doubleValue.flatMap { $0.isFinite && test($0) ? $0 : nil } }
    }

    /// `300`, `"1M"`: powers of 1,000.
    func count(_ key: String) -> Int? {
        value(key, "a whole number from 1 to 10^15, such as 300 or \"1M\"") { size($0, SizeText.count) }
    }

    /// `256`, `"1k"`: powers of 1,024.
    func length(_ key: String) -> Int? {
        value(key, "1 to 16M, such as 256 or \"1k\" (1,024)") { TableReader.length($0) }
    }

    func texts(_ key: String, _ allowed: String) -> [String]? {
        value(key, allowed) { value in
            guard let items = value.arrayValue else { return nil }
            let texts = items.compactMap(\.stringValue)
            return texts.count == items.count && !texts.contains("") ? texts : nil
        }
    }

    /// Another table below this one; nil when it is not there.
    func table(_ key: String) -> TableReader? {
        value(key, "a table") { $0.objectValue }.map { TableReader(object: $0, path: name(key), problems: problems) }
    }

    static func length(_ value: JSONValue) -> Int? { size(value, SizeText.length).flatMap { $0 <= 1 << 24 ? $0 : nil } }

    private func size(_ value: JSONValue, _ read: (String) -> Int?) -> Int? { TableReader.size(value, read) }

    private static func size(_ value: JSONValue, _ read: (String) -> Int?) -> Int? {
        switch value {
        case .integer(let number): number >= 1 && number <= 1_000_000_000_000_000 ? Int(number) : nil
        case .string(let text): read(text)
        default: nil
        }
    }

    /// For messages: short, on one line.
    static func text(_ value: JSONValue) -> String {
        let text = value.description
        return text.count > 60 ? String(text.prefix(57)) + "…" : text
    }
}
