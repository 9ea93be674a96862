import Foundation
import PluginHost
import SequenceModel
import Testing
import Training

/// Configurations that nobody would write: each is resolved or refused, none ends the process or takes long.
///
/// ZOO_RANDOM_CASES says how many (default 20,000), shared among the models.
@Suite struct RandomConfigurationTests {
    private static let count = ProcessInfo.processInfo.environment["ZOO_RANDOM_CASES"].flatMap { Int($0) } ?? 20_000

    /// A text that is often, but not always, a configuration of a model with these keys.
    static func text(_ keys: [String], _ stream: inout RandomStream) -> String {
        var text = "{"
        for index in 0 ..< stream.index(below: 6) {
            if index > 0 { text += "," }
            let key = stream.index(below: 20) == 0 ? "k\(stream.index(below: 100))" : keys[stream.index(below: keys.count)]
            text += "\"\(key)\":" + value(&stream, depth: 0)
        }
        text += "}"
        guard stream.index(below: 4) == 0 else { return text }
        var bytes = Array(text.utf8)
        for _ in 0 ... stream.index(below: 3) where !bytes.isEmpty {
            let place = stream.index(below: bytes.count)
            switch stream.index(below: 3) {
            case 0: bytes[place] = UInt8(stream.index(below: 256))
            case 1: bytes.remove(at: place)
            default: bytes.insert(bytes[stream.index(below: bytes.count)], at: place)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func value(_ stream: inout RandomStream, depth: Int) -> String {
        let fixed = [
            "null", "true", "false", "\"\"", "\"é\\u0000\"", "[]", "{}", "0", "-1", "1e308", "1e400", "-0", "0.5", "9223372036854775807",
            "9223372036854775808", "-9223372036854775808", "4294967296", "65536", "1e-320", "\"silu\"", "\"full_attention\"",
        ]
        switch stream.index(below: 8) {
        case 0 ..< 3: return fixed[stream.index(below: fixed.count)]
        case 3 ..< 6: return "\(stream.index(below: 1 << stream.index(below: 40)))"
        case 6 where depth < 3:
            return "[" + (0 ..< stream.index(below: 4)).map { _ in value(&stream, depth: depth + 1) }.joined(separator: ",") + "]"
        case 7 where depth < 3: return "{\"a\":" + value(&stream, depth: depth + 1) + "}"
        default: return "\(stream.index(below: 64))"
        }
    }

    @Test func areResolvedOrRefused() throws {
        let libraries = [
            "Transformer", "StateSpace", "Hyena", "Diffusion", "LSTM", "Minimal", "RWKV", "TestTimeMemory", "ByteLevel", "Hybrid",
        ]
        let factories = try libraries.flatMap { try PluginLibrary.load($0).models }
        try #require(factories.count >= 6)
        var counts = (resolved: 0, refused: 0, unreadable: 0)
        for (index, factory) in factories.enumerated() {
            let schema = try JSONParser.parse(factory.description.configurationSchema)
            let keys = schema["properties"]?.objectValue?.keys ?? []
            try #require(!keys.isEmpty)
            var stream = RandomKey(seed: UInt64(index)).split("configurations").stream
            for _ in 0 ..< RandomConfigurationTests.count / factories.count {
                let text = RandomConfigurationTests.text(keys, &stream)
                do {
                    let value = try JSONParser.parse(text)
                    do {
                        let full = try factory.resolve(value)
                        #expect(try factory.resolve(full) == full, "\(text)")
                        counts.resolved += 1
                    } catch let error as SequenceModelError {
                        #expect(error.code == .invalidArgument && !error.message.isEmpty, "\(factory.description.id) \(text): \(error)")
                        counts.refused += 1
                    }
                } catch is SequenceModelError {
                    counts.unreadable += 1
                }
            }
        }
        #expect(counts.resolved > 0 && counts.refused > 0 && counts.unreadable > 0)
        print("random configurations: \(counts)")
    }
}
