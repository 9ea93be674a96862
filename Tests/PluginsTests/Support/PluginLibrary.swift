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

    struct Missing: Error {
        let id: String
    }
}
