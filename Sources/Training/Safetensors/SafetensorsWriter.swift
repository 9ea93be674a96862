import PluginHost
import SequenceModel

/// Writes safetensors files, tensors in the order given: the same tensors give the same bytes.
public enum SafetensorsWriter {
    /// Writes beside `path`, then renames: see `AtomicFile`.
    ///
    /// - Throws: `ZooError`: `.internalBug` for names or sizes that the format does not allow, else what the system said.
    public static func write(
        _ entries: [SafetensorsEntry], metadata: [String: String] = [:], to path: String,
        files: any FileOperations = SystemFiles()
    ) throws {
        do {
            try AtomicFile.write(path, files: files) { try write(entries, metadata: metadata, to: &$0) }
        } catch let fault as FileFault {
            throw fault.zooError()
        }
    }

    /// One tensor of float32.
    public static func write(
        _ name: String, shape: [Int], floats: [Float], metadata: [String: String] = [:], to path: String
    ) throws {
        try floats.withUnsafeBytes {
            try write([SafetensorsEntry(name: name, scalar: .float32, shape: shape, bytes: $0)], metadata: metadata, to: path)
        }
    }

    static func write(
        _ entries: [SafetensorsEntry], metadata: [String: String], to writer: inout FileWriter
    ) throws {
        let header = try header(entries, metadata: metadata)
        let length = UInt64(header.count)
        try writer.write((0 ..< 8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) } + header)
        for entry in entries { try writer.write(entry.bytes) }
    }

    /// The JSON text, padded with spaces so that the data begin at a multiple of 8 bytes.
    static func header(_ entries: [SafetensorsEntry], metadata: [String: String]) throws -> [UInt8] {
        var object = JSONObject()
        if !metadata.isEmpty {
            var values = JSONObject()
            for (key, value) in metadata.sorted(by: { $0.key < $1.key }) { values[key] = .string(value) }
            object["__metadata__"] = .object(values)
        }
        var offset = 0
        for entry in entries {
            guard object[entry.name] == nil, entry.name != "__metadata__" else {
                throw ZooError(.internalBug, "two tensors with the name \(quoted(entry.name)) for one safetensors file")
            }
            let bits = entry.shape.reduce(entry.scalar.bitCount, *)
            guard bits == entry.bytes.count * 8 else {
                throw ZooError(
                    .internalBug, "tensor \(quoted(entry.name)) of \(entry.shape) does not have \(entry.bytes.count) bytes")
            }
            object[entry.name] = .object([
                "dtype": .string(entry.scalar.rawValue),
                "shape": .array(entry.shape.map { .integer(Int64($0)) }),
                "data_offsets": .array([.integer(Int64(offset)), .integer(Int64(offset + entry.bytes.count))]),
            ])
            offset += entry.bytes.count
        }
        var text = Array(JSONValue.object(object).description.utf8)
        text.append(contentsOf: repeatElement(UInt8(ascii: " "), count: (8 - text.count % 8) % 8))
        return text
    }
}
