public import PluginHost
public import SequenceModel

/// A model with its parameters, read from a checkpoint and ready to score and generate.
public struct LoadedModel {
    /// Bound to `memory`, its parameters read. Of the plugin `entry.plugin`, which stays loaded.
    public let model: any SequenceModel
    /// Holds the parameters; keep it as long as the model.
    public let memory: ParameterMemory
    /// The model in the catalogue that `config.json` names.
    public let entry: CatalogueEntry
    /// The full configuration.
    public let configuration: JSONValue
    /// The directory that the parameters came from.
    public let path: String

    /// Opens a run directory (its end, or the latest checkpoint that verifies while there is none), one of its checkpoints, or
    /// a directory in the Hugging Face layout.
    ///
    /// - Parameter gradients: also memory for gradients, to train on.
    /// - Throws: `ZooError`: missing or malformed files, unknown model, configuration that the model refuses, wrong names or shapes.
    public static func open(
        _ path: String, catalogue: PluginCatalogue, services: any HostServices, gradients: Bool = false,
        warn: (String) -> Void = { _ in }
    ) throws -> LoadedModel {
        let run = RunDirectory(path)
        guard Folder.exists(run.path) else { 
            throw ZooError(
                .data, "checkpoint \(path) does not exist",
                hint: "\(HostIdentity.name) train MODEL --out \(path) makes one; \(HostIdentity.name) list says which models there are")
        }
        guard Folder.exists(run.configurationPath) else {
            throw ZooError(
                .data, "\(path) is not a checkpoint: it has no config.json",
                hint: "name a run directory of zoo train, or a folder with config.json and model.safetensors")
        }
        let file = try ConfigurationFile.read(run.configurationPath)
        let entry: CatalogueEntry
        do {
            entry = try file.entry(in: catalogue)
        } catch var error as ZooError {
            error.message = "\(run.configurationPath): \(error.message)"
            throw error
        }
        var folder = run.path
        if !Folder.exists(run.parametersPath) {
            guard let latest = Checkpoint.latest(in: run.checkpointsPath, warn: warn) else {
                throw ZooError(
                    .data, "\(path) has no model.safetensors and no valid checkpoint",
                    hint: run.holdsRun ? "the run has not come that far: zoo train … --resume continues it" : nil)
            }
            folder = latest
        } else if Folder.exists("\(run.path)/\(Checkpoint.manifestName)") {
            try Checkpoint.verify(run.path)
        }
        let (model, memory) = try make(
            entry.factory, file.configuration(for: entry.description), services: services, gradients: gradients,
            context: run.configurationPath)
        try ParameterFile.read("\(folder)/model.safetensors", into: memory)
        model.parametersChanged()
        return LoadedModel(
            model: model, memory: memory, entry: entry, configuration: model.configuration, path: folder)
    }

    /// A model of this configuration, bound to fresh zeroed memory. `context` says in errors whose configuration it is.
    public static func make(
        _ factory: any ModelFactory, _ configuration: JSONValue, services: any HostServices, gradients: Bool,
        context: String
    ) throws -> (model: any SequenceModel, memory: ParameterMemory) {
        do {
            let model = try factory.create(try factory.resolve(configuration), services: services)
            let memory = try ParameterMemory(for: model, gradients: gradients)
            try memory.bind(to: model)
            return (model, memory)
        } catch let error as SequenceModelError {
            throw ZooError(error, while: context)
        }
    }
}
