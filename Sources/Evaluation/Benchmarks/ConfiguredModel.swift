import Foundation
public import PluginHost
public import SequenceModel

/// A model made from a configuration file alone, its parameters at their first values: what a benchmark runs on.
public struct ConfiguredModel {
    public let entry: CatalogueEntry
    public let model: any SequenceModel
    public let memory: ParameterMemory

    /// - Parameters:
    ///   - path: a JSON object in which `model_type` names the model and the other keys configure it.
    ///   - gradients: whether to allocate them too.
    /// - Throws: `ZooError` `.data` for a file that cannot be read, is no JSON object or has no `model_type`; what the catalogue says
    ///   of an unknown model; what the model says of its configuration.
    public init(
        path: String, catalogue: PluginCatalogue, services: any HostServices, gradients: Bool, seed: UInt64 = 0
    ) throws {
        let configuration = try Self.read(path)
        guard let type = configuration["model_type"]?.stringValue else {
            throw ZooError(
                .data, "\(path): model_type is missing; it names the model", hint: "zoo list shows what is there")
        }
        entry = try Self.entry(for: type, in: catalogue)
        do {
            model = try entry.factory.create(configuration, services: services)
            memory = try ParameterMemory(for: model, gradients: gradients)
            try memory.bind(to: model)
            try memory.initialise(model, seed: seed)
        } catch let error as SequenceModelError {
            throw ZooError(error, while: path)
        }
    }

    private static func read(_ path: String) throws -> JSONValue {
        let data: Data
        do {
            data = try Data(contentsOf: URL(fileURLWithPath: path))
        } catch {
            throw ZooError(.data, "\(path): cannot be read", cause: error)
        }
        do {
            let value = try JSONParser.parse(Array(data))
            guard value.objectValue != nil else {
                throw ZooError(.data, "\(path): \(value.kind) where a configuration (an object) was expected")
            }
            return value
        } catch let error as SequenceModelError {
            throw ZooError(.data, "\(path): \(error.message)")
        }
    }

    /// The entry with this id, or the one that says it reads checkpoints of this type (`model_types` in its schema).
    private static func entry(for type: String, in catalogue: PluginCatalogue) throws -> CatalogueEntry {
        if !catalogue.entries.contains(where: { $0.description.id == type }) {
            for entry in catalogue.entries {
                let schema = try? JSONParser.parse(entry.description.configurationSchema)
                let types = schema?["model_types"]?.arrayValue ?? []
                if types.contains(.string(type)) { return entry }
            }
        }
        return try catalogue.entry(named: type)
    }
}
