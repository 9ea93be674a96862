import Glibc
import SequenceModel

/// The models that the plugins on a search path bring.
public struct PluginCatalogue {
    /// Sorted by id; ids are unique.
    public let entries: [CatalogueEntry]
    /// What could not be used, in the order of the search.
    public let failures: [PluginFailure]
    /// Folders and files that were looked at.
    public let searchPath: [String]
    private let conflicts: [String: ZooError]

    /// Loads every plugin on the path: the files themselves, and `*.so` in the folders (not below them). Folders that
    /// are not there are passed over; folders and files that every user may write are refused. Never throws: what cannot be used stands in `failures`.
    ///
    /// With a `probe`, files that were never loaded before are first loaded by a child process; those that it does
    /// not survive are failures.
    public init(searchPath: [String], probe: PluginProbe? = nil) {
        self.searchPath = searchPath
        var failures: [PluginFailure] = []
        var found: [String: CatalogueEntry] = [:]
        var conflicts: [String: ZooError] = [:]
        var seen: Set<PluginFileIdentity> = []
        let files = searchPath.flatMap { PluginCatalogue.files(at: $0, failures: &failures) }
        let deaths = probe?.deaths(among: files.map(\.path)) ?? [:]
        for file in files {
            do {
                if let death = deaths[file.path] { throw death }
                let plugin = try Plugin.load(file.path)
                guard seen.insert(plugin.report.identity).inserted else { continue }
                for factory in plugin.models {
                    let entry = CatalogueEntry(factory: factory, plugin: plugin)
                    let id = factory.description.id
                    guard let other = found[id] else {
                        found[id] = entry
                        continue
                    }
                    if try PluginCatalogue.isCopy(plugin, of: other.plugin) { continue }
                    let error = PluginCatalogue.conflict(id, other.plugin, plugin)
                    conflicts[id] = error
                    failures.append(PluginFailure(path: plugin.path, error: error))
                }
            } catch let error as ZooError {
                if file.mayBeOrdinaryLibrary, error.message.contains("is not a plugin: ") { continue }
                failures.append(PluginFailure(path: file.path, error: error))
            } catch {
                failures.append(PluginFailure(path: file.path, error: ZooError(.internalBug, "\(file.path): \(error)")))
            }
        }
        for id in conflicts.keys { found[id] = nil }
        entries = found.values.sorted { $0.description.id < $1.description.id }
        self.failures = failures
        self.conflicts = conflicts
    }

    /// Where plugins are looked for: `adding` (from `--plugins`), `ZOO_PLUGIN_PATH`, the user's data folder, beside
    /// the executable, `../lib/zoo/plugins` from there. Never the working directory unless somebody names it.
    public static func defaultSearchPath(adding: [String] = []) -> [String] {
        var places = adding
        places += (variable("ZOO_PLUGIN_PATH") ?? "").split(separator: ":").map(String.init)
        if let data = userDataFolder() { places.append("\(data)/zoo/plugins") }
        if let folder = executableFolder() { places += [folder, "\(folder)/../lib/zoo/plugins"] }
        var seen: Set<String> = []
        return places.filter { seen.insert($0).inserted }
    }

    /// The entry with this id. Throws `.data` with the nearest id and the whole list, or `.plugin` when two files
    /// bring it.
    public func entry(named id: String) throws -> CatalogueEntry {
        if let entry = entries.first(where: { $0.description.id == id }) { return entry }
        if let conflict = conflicts[id] { throw conflict }
        let known = entries.map(\.description.id)
        let reasons = failures.map { "\n  \($0.error.message)" }.joined()
        guard !known.isEmpty else {
            throw ZooError(
                .plugin, "there is no model \(id): no plugin was found in \(searchPath.joined(separator: ", "))",
                hint: "zoo doctor says what is on the search path; --plugins DIR adds to it" + reasons)
        }
        let near = nearestName(to: id, among: known).map { "; did you mean \($0)?" } ?? "."
        let broken = failures.isEmpty ? "" : "; these could not be used:" + reasons
        throw ZooError(
            .data, "there is no model \(id)\(near) Known: \(known.joined(separator: ", "))",
            hint: "zoo list says more about each" + broken)
    }

    private struct File {
        let path: String
        /// Beside the executable there may be libraries that have nothing to do with us.
        let mayBeOrdinaryLibrary: Bool
    }

    private static func files(at place: String, failures: inout [PluginFailure]) -> [File] {
        var status = stat()
        guard stat(place, &status) == 0 else { return [] }
        if let refusal = refusal(of: place) {
            failures.append(refusal)
            return []
        }
        guard status.st_mode & S_IFMT == S_IFDIR else { return [File(path: place, mayBeOrdinaryLibrary: false)] }
        guard let directory = opendir(place) else {
            let reason = String(cString: strerror(errno))
            failures.append(PluginFailure(path: place, error: ZooError(.plugin, "\(place): \(reason)")))
            return []
        }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name.hasSuffix(".so"), !name.hasPrefix(".") { names.append(name) }
        }
        let isOwnFolder = place == executableFolder()
        return names.sorted().compactMap { name in
            let path = "\(place)/\(name)"
            guard let refusal = refusal(of: path) else { return File(path: path, mayBeOrdinaryLibrary: isOwnFolder) }
            failures.append(refusal)
            return nil
        }
    }

    /// What every user may write is nobody's to load: a plugin runs with all rights of the user who loads it.
    private static func refusal(of path: String) -> PluginFailure? {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IWOTH != 0 else { return nil }
        let message = "\(path): every user may write there, so nothing is loaded from it; chmod o-w '\(path)'"
        return PluginFailure(path: path, error: ZooError(.plugin, message))
    }

    /// A plugin that was copied to a second place is no conflict.
    private static func isCopy(_ plugin: Plugin, of other: Plugin) throws -> Bool {
        guard plugin.report.byteCount == other.report.byteCount else { return false }
        return try plugin.sha256() == other.sha256()
    }

    private static func conflict(_ id: String, _ first: Plugin, _ second: Plugin) -> ZooError {
        ZooError(
            .plugin, "two plugins bring a model \(id): \(first.path) and \(second.path)",
            hint: "remove one of the two, or leave its folder off the search path")
    }

    private static func userDataFolder() -> String? {
        func absolute(_ name: String) -> String? { variable(name).flatMap { $0.hasPrefix("/") ? $0 : nil } }
        return absolute("XDG_DATA_HOME") ?? absolute("HOME").map { "\($0)/.local/share" }
    }

    /// The environment is not heard by a program that runs with more rights than its user.
    private static func variable(_ name: String) -> String? {
        guard getuid() == geteuid(), getgid() == getegid() else { return nil }
        return getenv(name).map { String(cString: $0) }
    }

    private static func executableFolder() -> String? {
        guard let path = realpath("/proc/self/exe", nil) else { return nil }
        defer { free(path) }
        let text = String(cString: path)
        return text.lastIndex(of: "/").map { String(text[..<$0]) }
    }
}
