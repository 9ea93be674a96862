import CSequenceModel
import SequenceModel

/// A checked copy of the table that `sm_plugin_query` returned.
struct PluginTable {
    let functions: sm_plugin
    /// The minor version both sides speak: the lower of the two.
    let minor: UInt16
    let name: String
    let version: String
    let modelCount: UInt32

    private static let prologueSize = 16
    private static let maximumModels: UInt32 = 256

    /// Checks the prologue first, then the size, then every slot that a plugin must have.
    init(_ pointer: UnsafePointer<sm_plugin>) throws {
        guard UInt(bitPattern: pointer) % 8 == 0 else { throw ForeignFault("its table is not aligned to 8 bytes") }
        let raw = UnsafeRawPointer(pointer)
        let magic = raw.load(as: UInt32.self)
        guard magic == SM_MAGIC else {
            let got = String(magic, radix: 16)
            throw ForeignFault("its table begins with 0x\(got) instead of 0x\(String(SM_MAGIC, radix: 16)) (\"SQM1\")")
        }
        let major = raw.load(fromByteOffset: 4, as: UInt16.self)
        let minor = raw.load(fromByteOffset: 6, as: UInt16.self)
        guard Int32(major) == SM_ABI_MAJOR else {
            throw ForeignFault(
                "speaks version \(major).\(minor) of the plugin interface; this program speaks \(PluginTable.version)")
        }
        let size = raw.load(fromByteOffset: 8, as: UInt32.self)
        guard size >= PluginTable.prologueSize, size <= ForeignTable.maximumSize else {
            throw ForeignFault("its table has struct_size \(size); allowed: 16 to \(ForeignTable.maximumSize)")
        }
        functions = ForeignTable.copy(raw, size: size, as: sm_plugin.self)
        self.minor = min(minor, UInt16(SM_ABI_MINOR))
        try PluginTable.checkSlots(functions, size: Int(size))
        name = try ForeignString.readLine(functions.name, "its name", maximumBytes: 128)
        version = try ForeignString.readLine(functions.version, "its version", maximumBytes: 64)
        modelCount = functions.model_count
        guard modelCount > 0, modelCount <= PluginTable.maximumModels else {
            throw ForeignFault("says that it holds \(modelCount) models; allowed: 1 to \(PluginTable.maximumModels)")
        }
    }

    /// Ours, for messages: "1.0".
    static var version: String { "\(SM_ABI_MAJOR).\(SM_ABI_MINOR)" }

    private static func checkSlots(_ table: sm_plugin, size: Int) throws {
        typealias Slot = (name: String, offset: Int?, isPresent: Bool)
        let slots: [Slot] = [
            ("describe", MemoryLayout<sm_plugin>.offset(of: \.describe), table.describe != nil),
            ("resolve", MemoryLayout<sm_plugin>.offset(of: \.resolve), table.resolve != nil),
            ("create", MemoryLayout<sm_plugin>.offset(of: \.create), table.create != nil),
            ("destroy", MemoryLayout<sm_plugin>.offset(of: \.destroy), table.destroy != nil),
            ("extension", MemoryLayout<sm_plugin>.offset(of: \.extension), table.extension != nil),
            ("shape", MemoryLayout<sm_plugin>.offset(of: \.shape), table.shape != nil),
            ("parameter_count", MemoryLayout<sm_plugin>.offset(of: \.parameter_count), table.parameter_count != nil),
            ("parameter", MemoryLayout<sm_plugin>.offset(of: \.parameter), table.parameter != nil),
            ("bind", MemoryLayout<sm_plugin>.offset(of: \.bind), table.bind != nil),
        ]
        for slot in slots where !slot.isPresent {
            if let offset = slot.offset, offset + 8 > size {
                throw ForeignFault(
                    "its table has \(size) bytes and ends before the function \(slot.name), which every plugin has")
            }
            throw ForeignFault("the function \(slot.name) of its table is null; every plugin has one")
        }
    }
}
