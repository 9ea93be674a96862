internal import SequenceModel

/// Where a run keeps what it makes.
///
///     config.json        the model: model_type and its configuration, flat, as Hugging Face writes it
///     run.json           the rest: plugin, data and training options, each with what identifies it
///     log.jsonl          a line for each step, validation and event
///     checkpoints/step-N what a killed run goes on from
///     model.safetensors  the parameters at the end
///     status.json        how it ended
///     lock               held while a process works here
public struct RunDirectory: Sendable {
    /// As it was given, relative or absolute.
    public let path: String

    /// Nothing is read or made. One slash at the end is dropped.
    public init(_ path: String) { self.path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path }

    /// `config.json`, as in the Hugging Face layout.
    public var configurationPath: String { "\(path)/config.json" }
    /// `run.json`; a directory that has it holds a run.
    public var descriptionPath: String { "\(path)/run.json" }
    /// `log.jsonl`, which `RunLog` writes.
    public var logPath: String { "\(path)/log.jsonl" }
    /// The folder of the directories `step-N`.
    public var checkpointsPath: String { "\(path)/checkpoints" }
    /// `model.safetensors`; missing until a run ended well.
    public var parametersPath: String { "\(path)/model.safetensors" }
    /// `status.json`: how the last process ended that was not killed; missing until one has.
    public var statusPath: String { "\(path)/status.json" }
    var lockPath: String { "\(path)/lock" }

    /// True when a run was begun here.
    public var holdsRun: Bool { Folder.exists(descriptionPath) }

    /// The name of something in the directory that no run leaves there before it has written `run.json`; nil for an empty or missing
    /// directory and for what a run leaves that was killed that early.
    var stranger: String? {
        Folder.names(path).first { name in
            switch name {
            case "lock", "log.jsonl": false
            // What a crash leaves of a checkpoint goes with the next one.
            case "checkpoints": Folder.names(checkpointsPath).contains { !$0.contains(".tmp-") }
            default: !name.hasPrefix(".run.json.tmp-") && !name.hasPrefix(".log.jsonl.tmp-")
            }
        }
    }

    /// Tokens of a window in training; nil where no run tells.
    public var trainedContext: Int? {
        guard let description = try? Checkpoint.readJSON(descriptionPath),
            let context = description["options"]?["context"]?.integerValue, context > 0, context <= 1 << 28
        else { return nil }
        return Int(context)
    }
}
