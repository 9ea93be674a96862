public import SequenceModel

extension ModelConfiguration {
    /// The configuration that a JSON object stands for. Throws `.invalidArgument` that names the key.
    ///
    /// - Parameter modelTypes: what `model_type` may say.
    public static func resolve(_ json: JSONValue, modelTypes: [String]) throws -> Self {
        guard var given = json.objectValue else {
            throw SequenceModelError(.invalidArgument, "the configuration is \(json.kind); a JSON object is expected")
        }
        let modelType = given["model_type"]?.stringValue
        if let type = given["model_type"], !(modelType.map(modelTypes.contains) ?? false) {
            throw refuse("model_type", type, allowed: modelTypes.joined(separator: ", "))
        }
        try normalise(&given, modelType: modelType)
        let defaults = try encoded(Self()).object
        for key in given.keys where defaults[key] == nil && (commonIgnoredKeys.contains(key) || ignoredKeys.contains(key)) {
            given[key] = nil
        }
        let merged = try merge(given, into: defaults, path: "")
        try checkLimits(merged, defaults: defaults)
        var configuration = try decoded(merged)
        try configuration.validate()
        return configuration
    }

    /// The configuration as a JSON object, every key present.
    public func json() throws -> JSONValue { .object(try Self.encoded(self).object) }

    /// JSON schema of the configuration: `properties`, each with `type` and `default`, and `model_types`.
    static func schema(title: String, modelTypes: [String]) throws -> JSONValue {
        let node = try encoded(Self())
        var properties = JSONObject()
        for (key, member) in node.members {
            var property = member.schema
            if let note = notes[key] { property["description"] = .string(note) }
            if let limit = limit(of: key, default: member.json) {
                property["minimum"] = .integer(Int64(limit.lowerBound))
                property["maximum"] = .integer(Int64(limit.upperBound))
            }
            properties[key] = .object(property)
        }
        return .object([
            "type": .string("object"), "title": .string(title), "properties": .object(properties),
            "additionalProperties": .boolean(false), "model_types": .array(modelTypes.map { .string($0) }),
        ])
    }

    private static func encoded(_ configuration: Self) throws -> EncodedNode {
        let node = EncodedNode()
        do {
            try configuration.encode(to: ConfigurationEncoder(node: node))
        } catch let error as EncodingError {
            throw SequenceModelError(.internal, "the configuration cannot be written: \(error)")
        }
        return node
    }

    private static func decoded(_ object: JSONObject) throws -> Self {
        do {
            return try Self(from: ConfigurationDecoder(value: .object(object), path: ""))
        } catch let error as DecodingError {
            throw ConfigurationDecoder.translated(error)
        }
    }

    /// `given` over `defaults`, objects inside objects too. Refuses keys that `defaults` lacks.
    private static func merge(_ given: JSONObject, into defaults: JSONObject, path: String) throws -> JSONObject {
        var merged = defaults
        for key in given.keys {
            guard let known = defaults[key] else {
                let nearest = nearestName(to: key, among: defaults.keys)
                let advice = nearest.map { "did you mean \"\(path)\($0)\"?" }
                    ?? "known keys: \(defaults.keys.joined(separator: ", "))"
                throw SequenceModelError(.invalidArgument, "unknown key \"\(path)\(key)\"; \(advice)")
            }
            if case .object(let inner) = known, let outer = given[key]?.objectValue {
                merged[key] = .object(try merge(outer, into: inner, path: path + key + "."))
            } else {
                merged[key] = given[key]
            }
        }
        return merged
    }

    private static func limit(of key: String, default value: JSONValue) -> ClosedRange<Int>? {
        if let limit = limits[key] { return limit }
        if case .integer(let value) = value, value > 0 { return 1 ... Int(Int32.max) }
        return nil
    }

    private static func checkLimits(_ object: JSONObject, defaults: JSONObject) throws {
        for key in object.keys {
            guard let value = object[key], let limit = limit(of: key, default: defaults[key] ?? .null) else { continue }
            guard value.doubleValue != nil else { continue }  // a wrong type: decoding says so better
            guard let integer = value.integerValue, limit.contains(integer) else {
                throw refuse(key, value, allowed: "an integer from \(limit.lowerBound) to \(limit.upperBound)")
            }
        }
    }
}
