import PluginHost
import SequenceModel

/// `--set key.path=value` over what an experiment file says.
enum ExperimentOverride {
    /// Applies them in order. Whether the keys exist is for the reader of the document to say.
    ///
    /// - Throws: `ZooError` (`.usage`) for text that is no override, a path through something that is no table, and a comparison that is not there.
    static func apply(_ overrides: [String], to document: JSONValue) throws -> JSONValue {
        try overrides.reduce(document) { document, text in
            guard let sign = text.firstIndex(of: "="), sign != text.startIndex else {
                throw ZooError(
                    .usage, "--set \(text): expected KEY=VALUE with the path of a key", hint: "for example --set budget.steps=100")
            }
            let rest = String(text[text.index(after: sign)...])
            guard !rest.isEmpty else { throw ZooError(.usage, "--set \(text): there is no value after '='") }
            let path = text[..<sign].split(separator: ".", omittingEmptySubsequences: false).map(String.init)
            guard !path.contains(""), path.count <= 16 else {
                throw ZooError(.usage, "--set \(text): a part of the path before '=' is empty, or there are more than 16")
            }
            // A word without quotes is text, so that nobody has to quote for the shell and for TOML.
            return try set(path[...], to: TOMLText.value(rest) ?? .string(rest), in: document, text: text)
        }
    }

    private static func set(_ path: ArraySlice<String>, to value: JSONValue, in place: JSONValue, text: String) throws -> JSONValue {
        guard let key = path.first else { return value }
        switch place {
        case .object(var object):
            object[key] = try set(path.dropFirst(), to: value, in: object[key] ?? .object(JSONObject()), text: text)
            return .object(object)
        case .array(var items):
            let names = items.enumerated().map { $1["name"]?.stringValue ?? "\($0 + 1)" }
            guard let index = names.firstIndex(of: key) else {
                let near = nearestName(to: key, among: names).map { "did you mean \($0)?" }
                throw ZooError(
                    .usage, "--set \(text): there is no \(key); there are \(names.joined(separator: ", "))", hint: near)
            }
            items[index] = try set(path.dropFirst(), to: value, in: items[index], text: text)
            return .array(items)
        default:
            throw ZooError(.usage, "--set \(text): what is before \(key) is \(place.kind), which has no keys")
        }
    }
}
