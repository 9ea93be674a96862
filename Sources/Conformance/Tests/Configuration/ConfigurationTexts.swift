import CSequenceModel
import SequenceModel

extension ConformanceTest {
    /// What `resolve` says of a text.
    private static func attempt(_ model: RawModel, _ bytes: [UInt8]) throws -> (status: Int32, error: RawError, written: [UInt8]) {
        let resolve = try model.plugin.slot("resolve", model.plugin.table.resolve)
        let error = RawError()
        let sink = ByteSink()
        // The text ends where its length says: what follows is not the plugin's.
        let text = bytes + Array(" , \"behind\": [[[ ".utf8)
        let status = text.withUnsafeBytes { raw in
            model.plugin.watch.call("resolve") {
                sink.withWriter { writer in
                    raw.baseAddress.map {
                        resolve(model.index, $0.assumingMemoryBound(to: CChar.self), UInt64(bytes.count), writer, error.pointer)
                    } ?? SM_INTERNAL
                }
            }
        }
        return (status, error, sink.bytes)
    }

    /// Throws unless the text is refused with SM_INVALID_ARGUMENT and a whole message, which is returned.
    @discardableResult
    private static func refuse(_ model: RawModel, _ text: String, _ what: String? = nil) throws -> String {
        let (status, error, _) = try attempt(model, Array(text.utf8))
        let shown = what ?? (text.count > 60 ? "\(text.prefix(60))…" : text)
        guard status == SM_INVALID_ARGUMENT else {
            throw CheckEnd.failed("\(shown): resolve returned \(status == SM_OK ? "SM_OK" : "\(status)"), not SM_INVALID_ARGUMENT")
        }
        if let fault = error.fault(for: status) { throw CheckEnd.failed("\(shown): \(fault)") }
        // create reads the same texts and must say the same.
        do {
            _ = try RawInstance(model, configuration: text)
        } catch let failure as RawFailure where failure.status == SM_INVALID_ARGUMENT {
            return error.message
        }
        throw CheckEnd.failed("\(shown): refused by resolve, accepted by create")
    }

    private static func defaults(_ model: RawModel) throws -> JSONObject {
        guard let object = try JSONParser.parse(model.resolve("{}")).objectValue else {
            throw CheckEnd.failed("resolve wrote something that is no JSON object")
        }
        return object
    }

    static let configurationDefaults = ConformanceTest(
        "configuration-defaults",
        "The empty configuration resolves, resolving the answer again changes nothing, and it can be created.", group: .configuration,
        strictness: 1, motivation: "Published results without runnable settings (flame#30, titans-pytorch#4): what a run used must be a text that runs again"
    ) { context in
        let model = try context.model()
        let first = try model.resolve("{}")
        guard let object = try? JSONParser.parse(first).objectValue else {
            throw CheckEnd.failed("resolve wrote what is no JSON object: \(first.prefix(80))")
        }
        let second = try model.resolve(first)
        guard second == first else { throw CheckEnd.failed("resolved again, \(first.prefix(200)) becomes \(second.prefix(200))") }
        let schema = Description(try model.plugin.describe(model.index)).fields.last?.text ?? ""
        let known = (try? JSONParser.parse(schema))?["properties"]?.objectValue?.keys ?? []
        if let missing = known.first(where: { object[$0] == nil }) { throw CheckEnd.failed("\(missing) of the schema is not in the full configuration") }
        if let extra = object.keys.first(where: { !known.contains($0) }) { throw CheckEnd.failed("\(extra) of the full configuration is not in the schema") }
        let before = ChildLimits.residentBytes()
        let instance = try RawInstance(model, configuration: first)
        let grown = ChildLimits.residentBytes() - before
        let bytes = instance.parameters.reduce(0) { $0 + 4 * ($1.count ?? 0) }
        guard grown < 16 << 20 || grown < bytes / 2 else {
            throw CheckEnd.failed("create takes \(grown >> 20) MiB: parameter memory is the host's to allocate")
        }
        return "\(object.count) keys"
    }

    static let configurationUnknownKeys = ConformanceTest(
        "configuration-unknown-keys", "An unknown key is refused and named, with the nearest known one.", group: .configuration, strictness: 2,
        motivation: "A misspelt key that is passed over: the run used the default and nobody knows"
    ) { context in
        let model = try context.model()
        let message = try refuse(model, #"{"zzqqxx_unheard_of": 1}"#)
        guard message.contains("zzqqxx_unheard_of") else { throw CheckEnd.failed("the message does not name the key: \(message)") }
        var tried = 1
        for key in try defaults(model).keys where key.count >= 5 {
            let typo = String(key.dropLast())
            guard try defaults(model)[typo] == nil else { continue }
            let message = try refuse(model, "{\"\(typo)\": 1}")
            guard message.contains(typo) else { throw CheckEnd.failed("\(typo): the message does not name it: \(message)") }
            let rest = message.split(separator: typo, omittingEmptySubsequences: false).dropFirst().joined(separator: " ")
            guard message.contains(key) || rest.contains(key) else { throw CheckEnd.failed("\(typo): the message does not suggest \(key): \(message)") }
            tried += 1
        }
        return "\(tried) unknown keys"
    }

    static let configurationWrongTypes = ConformanceTest(
        "configuration-wrong-types", "A value of the wrong type is refused with its key named.", group: .configuration, strictness: 2,
        motivation: "A text where a number belongs: read as zero, or the end of the host"
    ) { context in
        let model = try context.model()
        let object = try defaults(model)
        var tried = 0
        for key in object.keys {
            guard let value = object[key] else { continue }
            var wrong: [String]
            switch value {
            case .integer: wrong = [#""seven""#, "true", "1.5", "[1]", "{}"]
            case .number: wrong = [#""seven""#, "true", "[1]", "{}"]
            case .boolean: wrong = [#""yes""#, "3", "[]", "{}"]
            case .string: wrong = ["3", "true", "[]", "{}", #""no such choice anywhere""#]
            case .array: wrong = ["3", #""seven""#, "true", "{}"]
            case .object: wrong = ["3", #""seven""#, "true", "[]"]
            case .null: wrong = ["{\"a\": [true]}"]
            }
            for text in wrong {
                let message = try refuse(model, "{\"\(key)\": \(text)}")
                guard message.contains(key) else { throw CheckEnd.failed("{\"\(key)\": \(text)}: the message does not name the key: \(message)") }
                tried += 1
            }
        }
        return "\(tried) values of \(object.count) keys"
    }

    static let configurationAbsurdSizes = ConformanceTest(
        "configuration-absurd-sizes", "Zero, negative and astronomical sizes are refused with the key named, without taking memory.",
        group: .configuration, strictness: 2, motivation: "GGUF readers were mended three times in two years: the check came after the arithmetic that wraps"
    ) { context in
        let model = try context.model()
        let object = try defaults(model)
        let resolve = try model.plugin.slot("resolve", model.plugin.table.resolve)
        var (tried, accepted) = (0, [String]())
        for key in object.keys {
            // A symbol is no size: -1 stands for none.
            guard case .integer(let usual)? = object[key], usual >= 0, !key.hasSuffix("_id") else { continue }
            for text in ["0", "-1", "-9223372036854775808", "2147483648", "1099511627776", "9223372036854775807", "1e30"] {
                let configuration = "{\"\(key)\": \(text)}"
                let error = RawError()
                let before = ChildLimits.addressSpace()
                let status = model.plugin.watch.call("resolve") {
                    ByteSink().withWriter { resolve(model.index, configuration, UInt64(configuration.utf8.count), $0, error.pointer) }
                }
                tried += 1
                if status == SM_INVALID_ARGUMENT || status == SM_RESOURCE_EXHAUSTED {
                    guard error.message.contains(key) else { throw CheckEnd.failed("\(configuration): the message does not name the key: \(error.message)") }
                } else if status == SM_OK {
                    // Zero may mean "none", and a large number "no limit"; nothing else negative means anything.
                    let isAllowed = text == "0" || usual == 0 || !text.hasPrefix("-") && key.contains("max")
                    accepted.append("\(key) \(text)")
                    guard isAllowed || text == "2147483648" else { throw CheckEnd.failed("\(configuration) was accepted") }
                    _ = try? RawInstance(model, configuration: configuration)
                } else {
                    throw CheckEnd.failed("\(configuration): status \(status), \(error.message)")
                }
                let grown = ChildLimits.addressSpace() &- before
                if grown < 1 << 62, grown > 1 << 28 { throw CheckEnd.failed("\(configuration) took \(grown >> 20) MiB of address space") }
            }
        }
        return "\(tried) sizes" + (accepted.isEmpty ? "" : "; accepted: \(accepted.prefix(6).joined(separator: ", "))")
    }

    static let configurationMalformed = ConformanceTest(
        "configuration-malformed", "Text that is not a JSON object is refused.", group: .configuration, strictness: 2,
        motivation: "Deep nesting ends a recursive reader; a reader that looks for the zero byte reads past the length"
    ) { context in
        let model = try context.model()
        let key = try defaults(model).keys.first ?? "a"
        let texts = [
            "", " ", "null", "3", "[]", "\"{}\"", "{", "}", "{]", "{} x", "{}{}", "{,}", "{\"\(key)\"}", "{\"\(key)\":}", "{\"\(key)\" 1}",
            "{\"\(key)\": 1,}", "{'\(key)': 1}", "{\(key): 1}", "{\"\(key)\": 01}", "{\"\(key)\": +1}", "{\"\(key)\": NaN}", "// a\n{}", "{\"\(key)\": \"\\ud800\"}",
            "{\"\(key)", "{\"\(key)\": tru", "{\"\(key)\": 1e}", "{\"\(key)\": -}",
        ]
        for text in texts { try refuse(model, text, "\"\(text)\"") }
        for (name, bytes) in [
            ("a zero byte", Array("{\"a".utf8) + [0] + Array("\": 1}".utf8)), ("invalid UTF-8", Array("{\"".utf8) + [0xFF, 0xFE] + Array("\": 1}".utf8)),
            ("100000 open brackets", [UInt8](repeating: UInt8(ascii: "["), count: 100_000)),
            ("100000 nested objects", Array(String(repeating: "{\"a\":", count: 100_000).utf8)),
            ("1 MB of digits", Array("{\"\(key)\": ".utf8) + [UInt8](repeating: UInt8(ascii: "9"), count: 1 << 20) + [UInt8(ascii: "}")]),
        ] {
            let (status, error, _) = try attempt(model, bytes)
            guard status == SM_INVALID_ARGUMENT else { throw CheckEnd.failed("\(name): resolve returned \(status), not SM_INVALID_ARGUMENT") }
            if let fault = error.fault(for: status) { throw CheckEnd.failed("\(name): \(fault)") }
        }
        let (status, error, _) = try attempt(model, Array(" \t\r\n{ \n} ".utf8))
        guard status == SM_OK else { throw CheckEnd.failed("an object with white space around it: status \(status), \(error.message)") }
        return "\(texts.count + 5) texts; text behind the stated length is not read"
    }
}
