import Foundation
import PluginHost
import SequenceModel

/// JSON files with sorted keys, written whole or not at all, and read strictly.
public enum JSONFile {
    static let maximumBytes = 256 << 20

    /// The JSON text of a value: keys sorted, two spaces of indentation, arrays on one line, a final line break.
    /// The same value gives the same bytes.
    public static func text(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            let compact = try encoder.encode(value)
            return try JSONParser.parse([UInt8](compact), maximumBytes: maximumBytes).prettyPrinted
        } catch {
            throw ZooError(.internalBug, "a value of type \(type(of: value)) cannot be written as JSON: \(error)")
        }
    }

    /// Writes `text(value)` whole or not at all: see `RunFiles.write`.
    public static func write(_ value: some Encodable, to path: String) throws {
        try RunFiles.write(text(value), to: path)
    }

    /// Throws `ZooError` (`.data`) with the file and line and column, or the key, of what is wrong.
    public static func read<Value: Decodable>(_ type: Value.Type, from path: String) throws -> Value {
        try decode(type, [UInt8](RunFiles.read(path)), from: path)
    }

    static func decode<Value: Decodable>(_ type: Value.Type, _ bytes: [UInt8], from path: String) throws -> Value {
        do {
            // Foundation's reader takes duplicate keys silently and gives no line.
            _ = try JSONParser.parse(bytes, maximumBytes: maximumBytes)
            return try JSONDecoder().decode(type, from: Data(bytes))
        } catch let error as SequenceModelError {
            throw ZooError(.data, "\(path): \(error.message)")
        } catch let error as DecodingError {
            throw ZooError(.data, "\(path): \(explain(error))")
        }
    }

    private static func explain(_ error: DecodingError) -> String {
        switch error {
        case .keyNotFound(let key, let context):
            return "\(path(context.codingPath + [key])): the key is missing"
        case .valueNotFound(_, let context):
            return "\(path(context.codingPath)): null where a value was expected"
        case .typeMismatch(_, let context), .dataCorrupted(let context):
            return "\(path(context.codingPath)): \(context.debugDescription)"
        @unknown default:
            return "\(error)"
        }
    }

    /// `rows[3].status`
    private static func path(_ keys: [any CodingKey]) -> String {
        let text = keys.reduce(into: "") { text, key in
            if let index = key.intValue {
                text += "[\(index)]"
            } else {
                text += (text.isEmpty ? "" : ".") + key.stringValue
            }
        }
        return text.isEmpty ? "the document" : text
    }
}
