import PluginHost
public import SequenceModel

/// One training run in a directory: from nothing, or on from where a process before this one was stopped.
///
/// After a kill at any moment, also in the middle of a checkpoint, a resumed run ends with the same parameters, moments and logged losses
/// as one that was never stopped, bit for bit and for any number of threads. (Not with a budget in minutes.)
public final class TrainingRun {
    /// Whether a run goes on or begins.
    public enum Start: Sendable {
        /// The directory must be empty or missing.
        case fresh
        /// The directory must hold a run with the same plugin, configuration, data and options.
        case resume
        /// Resumes where there is something to resume.
        case resumeIfPossible
    }

    /// Where it lives; locked for as long as this object is.
    public let directory: RunDirectory
    /// Where its batches come from.
    public var data: any BatchSource { trainer.source }
    /// What the run was begun with. Those that change no result may differ from the process before.
    public let options: TrainingOptions
    /// Model, memory and step counter; parameters are those of `resumedStep` until `run` is called.
    public let trainer: Trainer
    /// The step of the checkpoint that the run goes on from; 0 from the beginning.
    public let resumedStep: Int
    /// Called after each step.
    public var onStep: (StepRecord) -> Void = { _ in }
    /// Called after each validation: step, tokens, nats per target.
    public var onValidation: (Int, Int, Double) -> Void = { _, _, _ in }
    /// Told what a person should know: damaged checkpoints, for instance.
    public var onWarning: (String) -> Void
    /// Replaces the built-in validation loss.
    public var validate: ((any SequenceModel) throws -> Double)?
    /// Asked between steps whether to stop with a checkpoint.
    public var shouldStop: () -> Bool = { Interruption.isRequested }

    private let source: ModelSource
    private let lock: RunLock
    private let log: RunLog
    private let files: any FileOperations
    private var lastCheckpoint: Int?
    private var lastCheckpointSeconds = 0.0
    /// Where nobody said how often checkpoints are written: one also when so much training is not in any.
    var checkpointSeconds = 300.0
    private var lastValidation: (step: Int, loss: Double)?

    /// Prepares the run: makes the model, reads the checkpoint if there is one, and writes `config.json` and `run.json`.
    ///
    /// - Parameters:
    ///   - configuration: what `source.factory` resolves.
    ///   - data: where batches come from.
    ///   - path: the run directory; made when it is missing.
    /// - Throws: `ZooError`: `.usage` for options that make no sense, `.data` for data, configurations and checkpoints at fault and for a
    ///   resume that would not be the same run, `.temporary` when another process holds the directory or a disk is full.
    public init(
        source: ModelSource, configuration: JSONValue, data: any BatchSource, options: TrainingOptions, path: String,
        start: Start, services: any HostServices, files: any FileOperations = SystemFiles(),
        onWarning: @escaping (String) -> Void = { _ in }
    ) throws {
        try options.validate()
        let directory = RunDirectory(path)
        let id = source.factory.description.id
        let isResumed = try TrainingRun.decide(start, directory)
        // What can go wrong with the model goes wrong before anything is written.
        let (model, memory) = try LoadedModel.make(
            source.factory, configuration, services: services, gradients: true, context: "configuration of \(id)")
        trainer = try Trainer(model: model, memory: memory, source: data, options: options, services: services)
        try Folder.create(directory.checkpointsPath)
        lock = try RunLock(directory.lockPath)
        self.directory = directory
        self.source = source
        self.options = options
        self.files = files
        self.onWarning = onWarning

        let description = TrainingRun.describe(source, model, data, options)
        if isResumed {
            try TrainingRun.checkSame(description, options, directory)
        }
        let checkpoint = isResumed ? Checkpoint.latest(in: directory.checkpointsPath, warn: onWarning) : nil
        if let checkpoint {
            let state = try Checkpoint.state(checkpoint)
            try Checkpoint.read(checkpoint, memory: memory, optimizer: trainer.optimizer)
            model.parametersChanged()
            trainer.restore(completedSteps: state.step, trainingSeconds: state.trainingSeconds)
            resumedStep = state.step
            lastCheckpoint = state.step
            lastCheckpointSeconds = state.trainingSeconds
        } else {
            if isResumed { onWarning("\(directory.path) has no valid checkpoint: training begins anew") }
            do {
                try memory.initialise(model, seed: options.seed)
            } catch let error as SequenceModelError {
                throw ZooError(error, while: "first values of \(id)")
            }
            resumedStep = 0
        }
        log = try RunLog(path: directory.logPath, keepingStepsUpTo: resumedStep)
        if let line = try RunLog.read(directory.logPath).last(where: { $0["validation_loss"] != nil }),
            let step = line["step"]?.integerValue, let loss = line["validation_loss"]?.doubleValue
        {
            lastValidation = (step, loss)
        }
        do {
            // This one first: it makes the directory ours.
            try AtomicFile.write(description.prettyPrinted, to: directory.descriptionPath, files: files)
            try AtomicFile.write(
                ConfigurationFile(modelType: id, keys: model.configuration.objectValue ?? [:]).json.prettyPrinted,
                to: directory.configurationPath, files: files)
        } catch let fault as FileFault {
            throw fault.zooError()
        }
        if isResumed { try log.append(["event": .string("resume"), "from_step": .integer(Int64(resumedStep))]) }
    }

    /// The same on windows of a text.
    ///
    /// - Throws: `ZooError`: also `.data` when a block is shorter than a window.
    public convenience init(
        source: ModelSource, configuration: JSONValue, splits: DataSplits, options: TrainingOptions, path: String,
        start: Start, services: any HostServices, files: any FileOperations = SystemFiles(),
        onWarning: @escaping (String) -> Void = { _ in }
    ) throws {
        try options.validate()
        try self.init(
            source: source, configuration: configuration, data: TextSource(splits, options: options), options: options, path: path,
            start: start, services: services, files: files, onWarning: onWarning)
    }

    /// Trains until the budget is spent, `shouldStop` says so or training diverges; a checkpoint at the end either way but the last.
    ///
    /// - Throws: `ZooError`: a full disk (the checkpoint before stays good), data that changed, a model that fails.
    public func run() throws -> TrainingOutcome {
        var speeds: [Double] = []
        var loss: Double?
        var status = TrainingOutcome.Status.ok
        var detail = ""
        do {
            // The process before this one was stopped between a checkpoint and the validation of its step.
            if resumedStep > 0, isDue(options.evaluationInterval), lastValidation?.step != resumedStep {
                try measureValidation()
            }
            while !trainer.isFinished {
                if shouldStop() {
                    status = .interrupted
                    break
                }
                let record = try trainer.step()
                speeds.append(record.tokensPerSecond)
                loss = record.loss
                try log.append(line(record))
                onStep(record)
                try endOfStep(record)
            }
            if status == .ok, lastValidation?.step != trainer.completedSteps { try measureValidation() }
            try checkpoint()
            if status == .ok { try ParameterFile.write(trainer.memory, to: directory.parametersPath, files: files) }
        } catch let divergence as Divergence {
            status = .diverged
            detail = divergence.description
            try log.append([
                "event": .string("diverged"), "step": .integer(Int64(divergence.step)), "detail": .string(divergence.detail),
            ])
        } catch let error as SequenceModelError where error.code == .cancelled && shouldStop() {
            // A step that was cut short changed nothing, or is not saved: it is made again when the run is resumed.
            status = .interrupted
            do {
                if trainer.isBetweenSteps { try checkpoint() }
            } catch let divergence as Divergence {
                // Not saved: the run is resumed from the last good checkpoint, and diverges there again if it must.
                detail = divergence.description
            }
        } catch let error as SequenceModelError {
            throw ZooError(error, while: "step \(trainer.completedSteps + 1) of \(source.factory.description.id)")
        }
        speeds.sort()
        let outcome = TrainingOutcome(
            status: status, detail: detail, steps: trainer.completedSteps, tokens: trainer.tokens,
            trainingSeconds: trainer.trainingSeconds, loss: loss, validationLoss: lastValidation?.loss,
            medianTokensPerSecond: speeds.isEmpty ? nil : speeds[speeds.count / 2])
        try writeStatus(outcome)
        return outcome
    }

    private func endOfStep(_ record: StepRecord) throws {
        let step = record.step
        let perStep = options.tokensPerStep
        let pass = data.targetsInPass
        if pass > 0, step * perStep / pass != (step - 1) * perStep / pass { try data.checkUnchanged() }
        if isDue(options.evaluationInterval) { try measureValidation() }
        // Steps that take minutes: a killed run shall not lose an hour. Checkpoints change no result, so the clock may decide here.
        let isLate = options.checkpointEvery == nil && trainer.trainingSeconds - lastCheckpointSeconds >= checkpointSeconds
        if isDue(options.checkpointInterval) || isLate { try checkpoint() }
    }

    private func isDue(_ interval: Int) -> Bool { interval > 0 && trainer.completedSteps % interval == 0 }

    private func measureValidation() throws {
        guard options.evaluationInterval > 0 else { return }
        let found: ValidationRecord
        if let validate {
            found = ValidationRecord(loss: try validate(trainer.model))
        } else {
            guard let record = try data.validation(of: trainer.model) else { return }
            found = record
        }
        let loss = found.loss
        lastValidation = (trainer.completedSteps, loss)
        var line: JSONObject = [
            "step": .integer(Int64(trainer.completedSteps)), "tokens": .integer(Int64(trainer.tokens)),
            "seconds": .number(trainer.trainingSeconds), "validation_loss": .number(loss),
        ]
        line["validation_accuracy"] = found.accuracy.map { .number($0) }
        try log.append(line)
        onValidation(trainer.completedSteps, trainer.tokens, loss)
    }

    private func checkpoint() throws {
        let step = trainer.completedSteps
        guard lastCheckpoint != step else { return }
        if let name = trainer.optimizer.nonFiniteParameter() {
            throw Divergence(step: step, detail: "the parameter \(name) is not finite")
        }
        try data.checkUnchanged()
        // Lines of the log up to this step are not written again, so they must be as safe as the checkpoint.
        try log.synchronise()
        let state = TrainingState(
            step: step, tokens: trainer.tokens, trainingSeconds: trainer.trainingSeconds, options: options,
            pluginSHA256: source.pluginSHA256, dataSHA256: data.sha256)
        let configuration = ConfigurationFile(
            modelType: source.factory.description.id, keys: trainer.model.configuration.objectValue ?? [:])
        do {
            try Checkpoint.write(
                state, memory: trainer.memory, optimizer: trainer.optimizer, configuration: configuration.json,
                folder: directory.checkpointsPath, files: files)
        } catch let error as ZooError {
            let good = lastCheckpoint.map { "; the checkpoint of step \($0) is good" } ?? ""
            throw ZooError(
                error.code, "no checkpoint of step \(step): \(error.message)\(good)",
                hint: "make room, then continue with --resume", cause: error)
        }
        lastCheckpoint = step
        lastCheckpointSeconds = trainer.trainingSeconds
        Checkpoint.purge(
            directory.checkpointsPath, keeping: options.keep, upTo: step, files: files, warn: onWarning)
    }

    private func writeStatus(_ outcome: TrainingOutcome) throws {
        var object: JSONObject = [
            "status": .string(outcome.status.rawValue), "detail": .string(outcome.detail),
            "steps": .integer(Int64(outcome.steps)), "tokens": .integer(Int64(outcome.tokens)),
            "training_seconds": .number(outcome.trainingSeconds),
        ]
        object["loss"] = outcome.loss.map { .number($0) }
        object["validation_loss"] = outcome.validationLoss.map { .number($0) }
        do {
            try AtomicFile.write(JSONValue.object(object).prettyPrinted, to: directory.statusPath, files: files)
        } catch let fault as FileFault {
            throw fault.zooError()
        }
    }

    private func line(_ record: StepRecord) -> JSONObject {
        [
            "step": .integer(Int64(record.step)), "tokens": .integer(Int64(record.tokens)), "loss": .number(record.loss),
            "gradient_norm": .number(record.gradientNorm), "learning_rate": .number(record.learningRate),
            "seconds": .number(trainer.trainingSeconds), "tokens_per_second": .number(record.tokensPerSecond),
        ]
    }

    private static func decide(_ start: Start, _ directory: RunDirectory) throws -> Bool {
        switch start {
        case .resumeIfPossible where directory.holdsRun: return true
        case .resume:
            guard directory.holdsRun else {
                throw ZooError(.data, "there is no run in \(directory.path) to resume", hint: "leave out --resume to begin one")
            }
            // A file of that name may be anybody's: nothing is written beside one that is not ours.
            let description = try Checkpoint.readJSON(directory.descriptionPath)
            guard description["format"]?.integerValue != nil, description["options"]?.objectValue != nil else {
                throw ZooError(
                    .data, "\(directory.descriptionPath) was not written by \(HostIdentity.name) train",
                    hint: "name the folder of a run, or leave out --resume and name a new folder with --out")
            }
            return true
        case .fresh, .resumeIfPossible:
            guard !directory.holdsRun else {
                throw ZooError(
                    .data, "\(directory.path) already holds a run", hint: "continue it with --resume, or name another folder with --out")
            }
            let taken = [directory.configurationPath, directory.parametersPath].first { Folder.exists($0) }
            if let taken {
                throw ZooError(
                    .data, "\(taken) would be overwritten: \(directory.path) holds a model that no run made",
                    hint: "name another folder with --out")
            }
            // A comparison puts files of its own beside its runs', into a folder that it has looked at.
            if start == .fresh, let stranger = directory.stranger {
                throw ZooError(
                    .data, "\(directory.path) is not empty and holds no run: there is \(stranger)",
                    hint: "name a new folder with --out, such as \(directory.path)/run")
            }
            return false
        }
    }

    private static func describe(
        _ source: ModelSource, _ model: any SequenceModel, _ data: any BatchSource, _ options: TrainingOptions
    ) -> JSONValue {
        .object([
            "format": .integer(1),
            "program": .string("\(HostIdentity.name) \(HostIdentity.version)"),
            "model": .string(source.factory.description.id),
            "plugin": .object([
                "path": source.pluginPath.map { .string($0) } ?? .null, "sha256": .string(source.pluginSHA256),
            ]),
            "configuration": model.configuration,
            "parameters": .integer(Int64(model.parameters.reduce(0) { $0 + ($1.tiedTo == nil ? $1.count : 0) })),
            "data": .object(data.summary),
            "options": options.json,
        ])
    }

    /// Throws `.data` with every difference unless the run in the directory is this one.
    private static func checkSame(_ now: JSONValue, _ options: TrainingOptions, _ directory: RunDirectory) throws {
        let before = try Checkpoint.readJSON(directory.descriptionPath)
        var differences: [String] = []
        func compare(_ what: String, _ keys: String...) {
            let old = keys.reduce(before) { $0[$1] ?? .null }
            let new = keys.reduce(now) { $0[$1] ?? .null }
            if old != new { differences.append("\(what) was \(old.stringValue ?? "\(old)") and is \(new.stringValue ?? "\(new)")") }
        }
        compare("the model", "model")
        compare("the plugin's SHA-256", "plugin", "sha256")
        compare("the data's SHA-256", "data", "sha256")
        let old = before["configuration"]?.objectValue ?? [:]
        let new = now["configuration"]?.objectValue ?? [:]
        for key in old.keys + new.keys.filter({ old[$0] == nil }) where old[key] != new[key] {
            differences.append("configuration key \(key) was \(old[key] ?? .null) and is \(new[key] ?? .null)")
        }
        if let json = before["options"], let earlier = try? TrainingOptions(json: json) {
            differences += options.differences(from: earlier)
        } else {
            differences.append("the training options in \(directory.descriptionPath) cannot be read")
        }
        guard differences.isEmpty else {
            throw ZooError(
                .data, "this is not the run in \(directory.path):" + differences.map { "\n  " + $0 }.joined(),
                hint: "use what the run was begun with, or begin another one with another --out")
        }
    }
}
