import CSequenceModel
import Glibc
import PluginKit
import SequenceModel

/// The test models behind a table of C functions, as a host in C would see them.
enum Exported {
    static let models: [any TensorModel.Type] = [DecayModel.self, BigramModel.self, FillingModel.self]

    nonisolated(unsafe) static let table: sm_plugin = {
        guard let table = export(models, version: "1.2.3", to: nil, nil) else { preconditionFailure("no table") }
        return table.pointee
    }()

    static func query(_ host: UnsafePointer<sm_host_info>?, _ error: UnsafeMutablePointer<sm_error>?) -> UnsafePointer<sm_plugin>? {
        _ = table
        return export(models, version: "1.2.3", to: host, error)
    }

    static func train(_ model: UInt32 = 0) -> sm_train { extensionTable(SM_TRAIN_1, model) }
    static func score(_ model: UInt32 = 0) -> sm_score { extensionTable(SM_SCORE_1, model) }
    static func session(_ model: UInt32 = 0) -> sm_session_table { extensionTable(SM_SESSION_1, model) }
    static func generate(_ model: UInt32 = 2) -> sm_generate { extensionTable(SM_GENERATE_1, model) }

    private static func extensionTable<T>(_ id: String, _ model: UInt32) -> T {
        guard let table = table.extension?(model, id) else { preconditionFailure("no table \(id)") }
        return table.load(as: T.self)
    }

    /// A pointer that the header forbids.
    static func null<T>(_ type: T.Type = T.self) -> T { unsafeBitCast(0, to: type) }
}

/// Runs a C call with an error buffer; "status: message", or "0" when it went well.
func call(capacity: Int = 512, _ body: (UnsafeMutablePointer<sm_error>) -> Int32?) -> String {
    var buffer = [CChar](repeating: 0x55, count: max(capacity, 1) + 8)
    var error = sm_error()
    error.struct_size = UInt32(MemoryLayout<sm_error>.size)
    error.message_capacity = UInt32(capacity)
    return buffer.withUnsafeMutableBufferPointer { bytes in
        error.message = bytes.baseAddress
        guard let status = body(&error) else { return "absent" }
        guard status == error.code || status == 0 else { return "status \(status) and code \(error.code)" }
        guard bytes.suffix(8).allSatisfy({ $0 == 0x55 }) else { return "wrote past the buffer" }
        guard status != 0 else { return "0" }
        let text = bytes.prefix(Int(error.message_length)).map { UInt8(bitPattern: $0) }
        guard let message = String(validating: text, as: UTF8.self) else { return "not UTF-8" }
        return "\(status): \(message)"
    }
}

/// A configured instance behind the C functions, with bound memory.
final class ExportedHandle {
    let handle: OpaquePointer
    private(set) var values: [sm_tensor] = []
    private(set) var gradients: [sm_tensor] = []

    init?(_ model: UInt32 = 0, _ json: String = "{}", host: UnsafePointer<sm_host>? = nil, bound: Bool = true) {
        var made: OpaquePointer?
        guard Exported.table.create?(model, host, json, UInt64(json.utf8.count), &made, nil) == 0, let made else { return nil }
        handle = made
        for index in 0 ..< (Exported.table.parameter_count?(handle) ?? 0) {
            var declared = sm_parameter()
            declared.struct_size = UInt32(MemoryLayout<sm_parameter>.size)
            guard Exported.table.parameter?(handle, index, &declared, nil) == 0 else { return nil }
            values.append(ExportedHandle.tensor(declared, seed: index))
            gradients.append(ExportedHandle.tensor(declared, seed: nil))
        }
        if bound, bind() != "0" { return nil }
    }

    func bind() -> String {
        call { Exported.table.bind?(handle, values, gradients, UInt64(values.count), $0) }
    }

    deinit { Exported.table.destroy?(handle) }

    /// Memory that is never freed.
    private static func tensor(_ declared: sm_parameter, seed: UInt64?) -> sm_tensor {
        let shape = UnsafeMutablePointer<Int64>.allocate(capacity: Int(declared.rank))
        var count = 1
        for axis in 0 ..< Int(declared.rank) {
            shape[axis] = declared.shape?[axis] ?? 0
            count *= Int(shape[axis])
        }
        let data = UnsafeMutableRawPointer.allocate(byteCount: count * 4, alignment: 64)
        let floats = data.bindMemory(to: Float.self, capacity: count)
        var stream = RandomKey(seed: seed ?? 0).stream
        for index in 0 ..< count { floats[index] = seed == nil ? 0 : Float(0.3 * stream.normal()) }
        return sm_tensor(
            data: data, device_type: 1, device_id: 0, rank: Int32(declared.rank), scalar_type: SM_FLOAT32,
            shape: UnsafePointer(shape), strides: nil, byte_offset: 0)
    }
}

/// Runs `body` with a batch of [rows, length] as C has it.
func withBatch<R>(
    _ tokens: [Int32], _ targets: [Int32]? = nil, rows: UInt32 = 1, length: UInt64? = nil,
    change: (inout sm_batch) -> Void = { _ in }, _ body: (UnsafePointer<sm_batch>) -> R
) -> R {
    tokens.withUnsafeBufferPointer { tokens in
        (targets ?? []).withUnsafeBufferPointer { wanted in
            var batch = sm_batch()
            batch.struct_size = UInt32(MemoryLayout<sm_batch>.size)
            batch.rows = rows
            batch.length = length ?? UInt64(tokens.count) / UInt64(max(rows, 1))
            batch.tokens = tokens.baseAddress
            batch.targets = targets == nil ? nil : wanted.baseAddress
            change(&batch)
            return withUnsafePointer(to: batch, body)
        }
    }
}

/// Collects what is written, as a C host would.
final class Collector {
    var bytes: [UInt8] = []
    var status: Int32 = 0
    /// Piece sizes seen.
    var pieces: [Int] = []

    var writer: sm_writer {
        sm_writer(context: Unmanaged.passUnretained(self).toOpaque()) { context, bytes, count in
            guard let context else { return -1 }
            let collector = Unmanaged<Collector>.fromOpaque(context).takeUnretainedValue()
            collector.pieces.append(Int(count))
            collector.bytes += UnsafeRawBufferPointer(start: bytes, count: Int(count))
            return collector.status
        }
    }
    var text: String { String(decoding: bytes, as: UTF8.self) }
}

/// Serves bytes in pieces of at most `piece`.
final class Server {
    var bytes: ArraySlice<UInt8>
    let piece: Int
    let failsAt: Int?

    init(_ bytes: [UInt8], piece: Int = 7, failsAt: Int? = nil) {
        self.bytes = bytes[...]
        self.piece = piece
        self.failsAt = failsAt
    }

    var reader: sm_reader {
        sm_reader(context: Unmanaged.passUnretained(self).toOpaque()) { context, target, count in
            guard let context else { return -1 }
            let server = Unmanaged<Server>.fromOpaque(context).takeUnretainedValue()
            if let limit = server.failsAt, server.bytes.startIndex >= limit { return -5 }
            let part = server.bytes.prefix(min(Int(count), server.piece))
            part.withUnsafeBytes { source in
                if let base = source.baseAddress { memcpy(target, base, source.count) }
            }
            server.bytes = server.bytes.dropFirst(part.count)
            return Int64(part.count)
        }
    }
}

/// Whether a text begins with another.
func begins(_ text: String, _ beginning: String) -> Bool { text.hasPrefix(beginning) }
