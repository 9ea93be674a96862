import CSequenceModel
import Crypto
import Glibc
import Logging
public import SequenceModel
import Synchronization

/// A loaded plugin. It stays loaded until the process ends: code that was handed out may be called at any time.
///
/// Everything in here is constant after `load`, and the functions behind it may be called from any thread.
public final class Plugin: @unchecked Sendable {
    /// Absolute, symbolic links resolved.
    public let path: String
    /// What the plugin calls itself; its file name when it says nothing.
    public let name: String
    /// Of the plugin, as it says: one line of at most 64 bytes, which may be empty.
    public let version: String
    /// Version of the plugin interface that both sides speak: "1.0".
    public let abi: String
    /// What was known of the file before it was loaded.
    public let report: PluginFileReport
    /// In the order of the plugin; ids are unique within it.
    public let models: [any ModelFactory]
    private let digest = Mutex<String?>(nil)

    /// Plugins that this process has loaded. Its lock also keeps the discovery calls of the contract apart.
    private static let loaded = Mutex<[PluginFileIdentity: Plugin]>([:])

    /// Inspects, loads and asks the plugin at `path` what it holds. The same file is loaded once, whatever its name.
    ///
    /// Throws `.plugin` with one message that begins with the path.
    public static func load(_ path: String) throws -> Plugin {
        let report = try PluginFile.inspect(path)
        return try loaded.withLock { loaded in
            if let plugin = loaded[report.identity] { return plugin }
            if loaded.values.contains(where: { $0.path == report.path }) {
                throw ZooError(
                    .plugin, "\(report.path): was replaced after this process loaded it",
                    hint: "start the command again")
            }
            let plugin = try Plugin(report)
            loaded[report.identity] = plugin
            return plugin
        }
    }

    /// SHA-256 of the file's bytes, in lower-case hexadecimal. Computed when first asked for.
    ///
    /// - Complexity: O(size of the file), once.
    public func sha256() throws -> String {
        try digest.withLock { digest in
            if let digest { return digest }
            let value = try Plugin.hash(path)
            digest = value
            return value
        }
    }

    private init(_ report: PluginFileReport) throws {
        self.report = report
        path = report.path
        CallJournal.note(model: report.path, path: report.path)
        let query = try Plugin.open(report.path)
        do {
            let table = try Plugin.shakeHands(query)
            let factories = try (0 ..< table.modelCount).map { try PluginModelFactory(table, index: $0, path: report.path) }
            for (index, factory) in factories.enumerated()
            where factories[..<index].contains(where: { $0.description.id == factory.description.id }) {
                throw ForeignFault("two of its models have the id \(factory.description.id)")
            }
            models = factories
            name = table.name.isEmpty ? String(report.path.split(separator: "/").last ?? "") : table.name
            version = table.version
            abi = "\(SM_ABI_MAJOR).\(table.minor)"
        } catch let fault as ForeignFault {
            throw ZooError(.plugin, "\(report.path): \(fault.message)", cause: fault)
        } catch let error as SequenceModelError {
            throw ZooError(.plugin, "\(report.path): \(error.message)", cause: error)
        }
    }

    private typealias Query =
        @convention(c) (
            UnsafePointer<sm_host_info>?, UnsafeMutablePointer<sm_error>?
        ) -> UnsafePointer<sm_plugin>?

    /// Opens the library and finds the entry point. Constructors run in here.
    private static func open(_ path: String) throws -> Query {
        // Some compilers make a library's constructor change how this thread rounds and treats subnormal numbers; what the rest of this
        // program does must not depend on what lies on the search path either.
        let state = ProcessState()
        let handle = CallJournal.during("its constructors") { dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE) }
        let changes = state.restore()
        if !changes.isEmpty {
            Logger(label: "plugin").warning("\(path): changed \(changes.joined(separator: ", ")) while it was loaded; that was put back")
        }
        guard let handle else {
            let text = dlerror().map { String(cString: $0) } ?? "the loader gives no reason"
            let reason = text.hasPrefix("\(path): ") ? String(text.dropFirst(path.count + 2)) : text
            throw ZooError(.plugin, "\(path): cannot be loaded: \(reason)")
        }
        guard let symbol = dlsym(handle, PluginFile.entryPoint) else {
            throw ZooError(.plugin, "\(path): is not a plugin: it does not export \(PluginFile.entryPoint)")
        }
        return unsafeBitCast(symbol, to: Query.self)
    }

    private static func shakeHands(_ query: Query) throws -> PluginTable {
        let errors = ErrorBuffer()
        let table = HostIdentity.name.withCString { name in
            HostIdentity.version.withCString { version in
                var host = sm_host_info(
                    struct_size: UInt32(MemoryLayout<sm_host_info>.size), abi_major: UInt16(SM_ABI_MAJOR),
                    abi_minor: UInt16(SM_ABI_MINOR), name: name, version: version)
                return CallJournal.during("sm_plugin_query") { query(&host, errors.prepare()) }
            }
        }
        guard let table else {
            let reason = errors.failure(SM_INVALID_ARGUMENT, "sm_plugin_query").message
            throw ForeignFault(
                "refuses this program, which speaks version \(PluginTable.version) of the plugin interface: \(reason)")
        }
        return try PluginTable(table)
    }

    static func hash(_ path: String) throws -> String {
        let file = try FileReader(plugin: path)
        var hash = SHA256()
        var offset: UInt64 = 0
        while offset < file.size {
            let count = Int(min(file.size - offset, 1 << 20))
            guard let piece = file.bytes(at: offset, count: count) else {
                throw ZooError(.plugin, "\(path): cannot be read to its end")
            }
            hash.update(data: piece.bytes)
            offset += UInt64(count)
        }
        let digits = Array("0123456789abcdef".utf8)
        let text = hash.finalize().flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        return String(decoding: text, as: UTF8.self)
    }
}
