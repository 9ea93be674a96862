import CSequenceModel
import Glibc
import PluginHost

/// A loaded plugin as it is: the C tables, without the adapter that mends or hides what is wrong with them.
final class RawPlugin {
    typealias Query =
        @convention(c) (UnsafePointer<sm_host_info>?, UnsafeMutablePointer<sm_error>?) -> UnsafePointer<sm_plugin>?

    let path: String
    let query: Query
    /// A copy of the table as far as both sides know it.
    let table: sm_plugin
    /// Where the plugin keeps it.
    let address: UnsafePointer<sm_plugin>
    let watch: CallWatch
    /// Seconds that `dlopen` and the first `sm_plugin_query` took.
    let loadSeconds: Double

    /// Inspects the file and loads it. Throws `ZooError(.plugin)` for a file that is none, `CheckEnd.failed` when it does not
    /// shake hands.
    init(_ path: String, watch: CallWatch) throws {
        let report = try PluginFile.inspect(path)
        self.path = report.path
        self.watch = watch
        let begin = ContinuousClock.now
        let handle = watch.call("dlopen") { dlopen(report.path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE) }
        guard let handle else {
            let reason = dlerror().map { String(cString: $0) } ?? "the loader gives no reason"
            throw ZooError(.plugin, "\(path): cannot be loaded: \(reason)")
        }
        guard let symbol = dlsym(handle, PluginFile.entryPoint) else {
            throw ZooError(.plugin, "\(path): does not export \(PluginFile.entryPoint)")
        }
        query = unsafeBitCast(symbol, to: Query.self)
        let error = RawError()
        let answer = RawPlugin.ask(query, watch, error: error)
        loadSeconds = (ContinuousClock.now - begin) / .seconds(1)
        guard let answer else {
            throw ZooError(.plugin, "\(path): refuses a host of version \(SM_ABI_MAJOR).\(SM_ABI_MINOR): \(error.message)")
        }
        address = answer
        guard answer.pointee.magic == SM_MAGIC else { throw ZooError(.plugin, "\(path): its table has no magic number") }
        guard Int32(answer.pointee.abi_major) == SM_ABI_MAJOR else {
            throw ZooError(
                .plugin, "\(path): speaks version \(answer.pointee.abi_major).\(answer.pointee.abi_minor) of the interface")
        }
        table = RawPlugin.copy(UnsafeRawPointer(answer), size: answer.pointee.struct_size)
    }

    /// Asks as a host of this version, or of another one.
    static func ask(
        _ query: Query, _ watch: CallWatch, major: UInt16 = UInt16(SM_ABI_MAJOR), error: RawError?
    ) -> UnsafePointer<sm_plugin>? {
        "zoo".withCString { name in
            "check".withCString { version in
                var host = sm_host_info(
                    struct_size: UInt32(MemoryLayout<sm_host_info>.size), abi_major: major,
                    abi_minor: UInt16(SM_ABI_MINOR), name: name, version: version)
                return watch.call("sm_plugin_query") { query(&host, error?.pointer) }
            }
        }
    }

    /// A table of the plugin's, zero past the size that it states.
    static func copy<Table>(_ source: UnsafeRawPointer, size: UInt32, as type: Table.Type = Table.self) -> Table {
        let storage = UnsafeMutablePointer<Table>.allocate(capacity: 1)
        defer { storage.deallocate() }
        memset(storage, 0, MemoryLayout<Table>.size)
        memcpy(storage, source, min(Int(size) & ~7, MemoryLayout<Table>.size))
        return storage.pointee
    }

    var modelCount: UInt32 { min(table.model_count, 256) }

    /// A function of a table; throws when it is null.
    func slot<Function>(_ name: String, _ function: Function?) throws -> Function {
        guard let function else { throw CheckEnd.failed("the function \(name) is null") }
        return function
    }

    /// Runs a call that returns a status; throws `RawFailure` unless it is SM_OK.
    @discardableResult
    func check<Result>(
        _ name: String, _ call: (UnsafeMutablePointer<sm_error>) throws -> (Int32, Result)
    ) throws -> Result {
        let error = RawError()
        let (status, result) = try watch.call(name) { try call(error.pointer) }
        guard status == SM_OK else { throw error.failure(name, status) }
        return result
    }

    /// The description of model `index`.
    func describe(_ index: UInt32) throws -> sm_description {
        let describe = try slot("describe", table.describe)
        return try check("describe") { error in
            var description = sm_description()
            description.struct_size = UInt32(MemoryLayout<sm_description>.size)
            return (describe(index, &description, error), description)
        }
    }
}
