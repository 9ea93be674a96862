import Foundation
import PluginHost
import SequenceModel
import Training

/// The plugin of one model and no other.
enum BenchCatalogue {
    /// What the configuration at `path` needs. Every further library that this process loaded would count as memory of the model, so another
    /// process looks which file brings it; where that finds none or several, the whole catalogue says why.
    static func only(for path: String, _ global: GlobalOptions) throws -> PluginCatalogue {
        let file = try ConfigurationFile.read(path)
        let plugins = Set(try listed(global).filter { names($0, file.modelType) }.compactMap { $0["plugin"]?.stringValue })
        guard plugins.count == 1, let plugin = plugins.first else { return try global.catalogue() }
        let catalogue = PluginCatalogue(searchPath: [plugin])
        return catalogue.entries.isEmpty ? try global.catalogue() : catalogue
    }

    private static func names(_ model: JSONValue, _ modelType: String) -> Bool {
        let others = model["configuration_schema"]?["model_types"]?.arrayValue ?? []
        return model["id"]?.stringValue == modelType || others.contains(.string(modelType))
    }

    /// What `zoo list --json` prints with the same plugins; nothing where it fails.
    private static func listed(_ global: GlobalOptions) throws -> [JSONValue] {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = ["list", "--json"] + global.plugins.flatMap { ["--plugins", $0] }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        do { try process.run() } catch {
            throw ZooError(.temporary, "zoo list cannot be started: \(error)", cause: error)
        }
        let text = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (try? JSONParser.parse(Array(text)))?.arrayValue ?? []
    }
}
