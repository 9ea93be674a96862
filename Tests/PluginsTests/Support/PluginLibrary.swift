import Foundation
import PluginHost
import SequenceModel

/// The plugins that were built beside the tests, loaded as every host loads them.
enum PluginLibrary {
    /// The architecture `id` of `lib<library>.so`.
    static func factory(_ library: String, _ id: String) throws -> any ModelFactory {
        guard let factory = try load(library).models.first(where: { $0.description.id == id }) else { throw Missing(id: id) }
        return factory
    }

    /// `lib<library>.so`.
    static func load(_ library: String) throws -> Plugin {
        let executable = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let folder = URL(fileURLWithPath: executable).deletingLastPathComponent()
        return try Plugin.load(folder.appendingPathComponent("lib\(library).so").path)
    }

    /// Every architecture of the repository, library by library: what the folders under Plugins bring. Empty, which tests notice, when one
    /// of them was not built.
    static let all: [(library: String, id: String)] = {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let folder = root.appendingPathComponent("Plugins").path
        let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
        let libraries = names.filter { name in
            var isFolder: ObjCBool = false
            return FileManager.default.fileExists(atPath: folder + "/" + name, isDirectory: &isFolder) && isFolder.boolValue
        }
        do {
            return try libraries.flatMap { library in try load(library).models.map { (library, $0.description.id) } }
        } catch {
            return []
        }
    }()

    struct Missing: Error {
        let id: String
    }
}
