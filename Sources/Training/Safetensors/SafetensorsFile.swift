import Kernels
import PluginHost

/// A safetensors file that is open for reading, its header checked in full.
///
/// Source: the format's description at github.com/huggingface/safetensors.
public final class SafetensorsFile {
    /// As it was given.
    public let path: String
    /// In the order of their bytes.
    public let tensors: [SafetensorsTensor]
    /// The texts under `__metadata__` of the header; empty without that key.
    public let metadata: [String: String]
    private let reader: FileReader
    private let dataStart: Int
    private let index: [String: Int]

    /// - Throws: `ZooError(.data)` with the file and the offset.
    public init(path: String) throws {
        self.path = path
        reader = try FileReader(path, kind: "safetensors file")
        let header: SafetensorsHeader
        do {
            let prefix = try reader.bytes(at: 0, count: min(8, reader.size))
            let length = try SafetensorsHeader.length(prefix: prefix, fileSize: reader.size)
            header = try SafetensorsHeader(parsing: try reader.bytes(at: 8, count: length), fileSize: reader.size)
            dataStart = 8 + length
        } catch let fault as SafetensorsFault {
            throw ZooError(.data, "\(path), offset \(fault.offset): \(fault.message)", cause: fault)
        }
        tensors = header.tensors
        metadata = header.metadata
        index = Dictionary(uniqueKeysWithValues: header.tensors.enumerated().map { ($0.element.name, $0.offset) })
    }

    /// The description of the tensor `name`; nil when the file has none. O(1).
    public subscript(name: String) -> SafetensorsTensor? { index[name].map { tensors[$0] } }

    /// The values of a tensor of F32, F64, F16 or BF16, rounded to float32, row-major in `buffer`.
    ///
    /// - Throws: `ZooError(.data)` for another type or number of values.
    public func read(_ tensor: SafetensorsTensor, into buffer: UnsafeMutableBufferPointer<Float>) throws {
        guard tensor.count == buffer.count else {
            throw ZooError(
                .data, "\(path): tensor \(quoted(tensor.name)) has \(tensor.count) values; \(buffer.count) were expected")
        }
        let start = dataStart + tensor.range.lowerBound
        switch tensor.scalar {
        case .float32:
            try reader.read(at: start, into: UnsafeMutableRawBufferPointer(buffer))
        case .float64:
            try pieces(buffer, of: Double.self, at: start) { source, target in
                for (place, value) in source.enumerated() { target[place] = Float(value) }
            }
        case .float16, .bfloat16:
            let isHalf = tensor.scalar == .float16
            try pieces(buffer, of: UInt16.self, at: start) { source, target in
                guard let from = source.baseAddress, let to = target.baseAddress else { return }
                if isHalf {
                    zk_decode_f16(Int64(source.count), from, to)
                } else {
                    zk_decode_bf16(Int64(source.count), from, to)
                }
            }
        default:
            throw ZooError(
                .data,
                "\(path): tensor \(quoted(tensor.name)) is \(tensor.scalar.rawValue); floating-point values are read from F32, F64, F16 and BF16"
            )
        }
    }

    /// All values of the tensor `name` as float32.
    public func floats(_ name: String) throws -> [Float] {
        let tensor = try find(name)
        var values = [Float](repeating: 0, count: tensor.count)
        try values.withUnsafeMutableBufferPointer { try read(tensor, into: $0) }
        return values
    }

    /// All values of the tensor `name`, which is I64, I32 or U8.
    public func integers(_ name: String) throws -> [Int] {
        let tensor = try find(name)
        let bytes = try reader.bytes(at: dataStart + tensor.range.lowerBound, count: tensor.range.count)
        return try bytes.withUnsafeBytes { raw in
            switch tensor.scalar {
            case .int64: (0 ..< tensor.count).map { Int(raw.loadUnaligned(fromByteOffset: 8 * $0, as: Int64.self)) }
            case .int32: (0 ..< tensor.count).map { Int(raw.loadUnaligned(fromByteOffset: 4 * $0, as: Int32.self)) }
            case .uint8: bytes.map { Int($0) }
            default:
                throw ZooError(
                    .data,
                    "\(path): tensor \(quoted(name)) is \(tensor.scalar.rawValue); whole numbers are read from I64, I32 and U8")
            }
        }
    }

    private func find(_ name: String) throws -> SafetensorsTensor {
        guard let tensor = self[name] else { throw ZooError(.data, "\(path) has no tensor \(quoted(name))") }
        return tensor
    }

    /// Reads a mebibyte at a time and converts it. Fresh arrays are aligned for their element; the file need not be.
    private func pieces<Element: Numeric>(
        _ buffer: UnsafeMutableBufferPointer<Float>, of type: Element.Type, at start: Int,
        _ convert: (UnsafeBufferPointer<Element>, UnsafeMutableBufferPointer<Float>) -> Void
    ) throws {
        let width = MemoryLayout<Element>.size
        let pieceCount = (1 << 20) / width
        var scratch = [Element](repeating: 0, count: min(pieceCount, buffer.count))
        var done = 0
        while done < buffer.count {
            let count = min(pieceCount, buffer.count - done)
            try scratch.withUnsafeMutableBufferPointer { scratch in
                let piece = UnsafeMutableBufferPointer(rebasing: scratch[..<count])
                try reader.read(at: start + done * width, into: UnsafeMutableRawBufferPointer(piece))
                convert(UnsafeBufferPointer(piece), UnsafeMutableBufferPointer(rebasing: buffer[done ..< done + count]))
            }
            done += count
        }
    }
}
