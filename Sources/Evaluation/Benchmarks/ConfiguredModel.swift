public import PluginHost
public import SequenceModel
import Training

/// A model made from a configuration file alone, its parameters at their first values: what a benchmark runs on.
public struct ConfiguredModel {
    /// The model in the catalogue that the file names.
    public let entry: CatalogueEntry
    /// Bound to `memory`.
    public let model: any SequenceModel
    /// Holds the parameters; keep it as long as the model.
    public let memory: ParameterMemory

    /// - Parameters:
    ///   - path: a JSON object in which `model_type` names the model and the other keys configure it.
    ///   - gradients: whether to allocate them too.
    /// - Throws: `ZooError` for a file that cannot be read or is no configuration, an unknown model, a configuration that the model
    ///   refuses, too little memory.
    public init(
        path: String, catalogue: PluginCatalogue, services: any HostServices, gradients: Bool, seed: UInt64 = 0
    ) throws {
        let file = try ConfigurationFile.read(path)
        entry = try file.entry(in: catalogue)
        (model, memory) = try LoadedModel.make(
            entry.factory, file.configuration(for: entry.description), services: services, gradients: gradients,
            context: path)
        do {
            try memory.initialise(model, seed: seed)
        } catch let error as SequenceModelError {
            throw ZooError(error, while: path)
        }
    }
}
