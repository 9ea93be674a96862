import Evaluation
import PluginHost
public import SequenceModel
import Training

/// Makes a plan: sizes every model to the budget, checks it by counting, and lays out the runs.
public struct ComparisonPlanner {
    /// A model that takes part, and the plugin it comes from.
    public struct Candidate {
        /// What the plugin says of the model; its likelihood decides whether it can be tuned.
        public var description: ModelDescription
        /// Absolute path.
        public var plugin: String
        /// Of the file's bytes, in hexadecimal digits; a run refuses any other.
        public var pluginSHA256: String

        /// `pluginSHA256` is the hash of `plugin` now: it goes into every run's own.
        public init(description: ModelDescription, plugin: String, pluginSHA256: String) {
            self.description = description
            self.plugin = plugin
            self.pluginSHA256 = pluginSHA256
        }
    }

    let sizer: any ModelSizer
    let request: ComparisonRequest
    let data: DataSummary
    let command: String
    let started: String

    /// - Parameter sizer: asks the models how large they become.
    public init(
        sizer: any ModelSizer, request: ComparisonRequest, data: DataSummary, command: String, started: String
    ) {
        self.sizer = sizer
        self.request = request
        self.data = data
        self.command = command
        self.started = started
    }

    /// The plan, runs ordered seed by seed so that every model has a first result early. A model whose plugin
    /// crashes or hangs while it is sized is planned as runs that fail with that cause.
    ///
    /// - Parameter warn: told of settings that some of the models do not have.
    /// - Throws: `ZooError`: `.usage` for settings that no model has, `.data` for a budget or a setting that a model cannot meet, `.plugin` for a model whose
    ///   proposal is off by more than 5 %, and what the sizer throws.
    public func plan(_ candidates: [Candidate], warn: (String) -> Void = { _ in }) throws -> ComparisonPlan {
        let keys = candidates.map { candidate in
            SettingTable.Keys(
                model: candidate.description.id, training: trainingKeys,
                configuration: configurationKeys(candidate.description))
        }
        let table = try SettingTable(request.settings, for: keys)
        table.remarks.forEach(warn)
        // Without tasks there is one thing to learn, the text.
        let tasks: [PlannedTask?] = request.tasks.isEmpty ? [nil] : try PlannedTask.all(request.tasks)
        try checkTasks()
        let answers = try tasks.map { task in
            try candidates.map { try size($0, table.configuration[$0.description.id] ?? JSONObject(), task, warn: warn) }
        }
        let variants = try self.variants(of: candidates, answers[0], warn: warn)
        let tuning = try zip(tasks, answers).flatMap { task, answers in
            try zip(candidates, answers).flatMap { candidate, answer in
                try self.tuning(candidate, answer, table.training[candidate.description.id] ?? JSONObject(), task, warn: warn)
            }
        }
        let runs = try request.seeds.flatMap { seed in
            try zip(tasks, answers).flatMap { task, answers in
                try zip(candidates, answers).map { candidate, answer in
                    let settings = table.training[candidate.description.id] ?? JSONObject()
                    var job = try self.job(candidate, answer, seed: seed, settings, task)
                    job.variants = variants[candidate.description.id]
                    return job
                }
            }
        }
        let context = tasks.compactMap { $0?.context }.max() ?? request.training.context
        var budget = ComparisonBudget(
            parameters: request.parameters, context: context, batch: request.training.batch,
            steps: request.training.plannedSteps, minutes: request.training.minutes, seeds: request.seeds)
        budget.match = request.match
        return ComparisonPlan(
            command: command, started: started, machine: .current(threads: request.threads),
            budget: budget, data: data, tuning: tuning, runs: runs, published: request.published)
    }

    /// What belongs to text cannot be asked for with tasks.
    private func checkTasks() throws {
        guard !request.tasks.isEmpty else { return }
        let option = request.match != nil ? "--match" : request.variants.isEmpty ? nil : "--vary"
        if let option {
            throw ZooError(
                .usage, "\(option) and --task cannot be combined: tasks are generated for one size and one configuration of a model",
                hint: "leave one of them out; --set MODEL.KEY=VALUE gives a model another size or configuration")
        }
    }

    /// The runs that choose a model's training options. They have a seed of their own, so that no result was chosen for its luck.
    private func tuning(
        _ candidate: Candidate, _ answer: SizingAnswer, _ settings: JSONObject, _ task: PlannedTask?, warn: (String) -> Void
    ) throws -> [JobSpecification] {
        guard let grid = request.tuning, case .sized = answer else { return [] }
        let id = candidate.description.id
        if let axis = grid.axes.first(where: { settings[$0.key] != nil }) {
            throw ZooError(
                .usage, "--tune \(axis.key) and --set \(id).\(axis.key) cannot both decide it",
                hint: "leave one of them out")
        }
        guard task != nil || candidate.description.likelihood != .none else {
            warn("\(id) has no likelihood to choose by: it is not tuned")
            return []
        }
        let seed = (0 ... UInt64(request.seeds.count)).first { !request.seeds.contains($0) } ?? 0
        return try grid.points.enumerated().map { index, point in
            var job = try job(candidate, answer, seed: seed, settings.merging(point), task)
            job.id = "\(task.map { "\(id)-\($0.label)" } ?? id)-tuning-\(index + 1)"
            job.decodeContexts = []
            job.tuning = ConfigurationJSON(.object(point))
            return job
        }
    }

    private var trainingKeys: [String] { TrainingOptions.keyNames.filter { SettingTable.budgetKeys[$0] == nil } }

    private func configurationKeys(_ description: ModelDescription) -> [String] {
        let schema = try? JSONParser.parse(description.configurationSchema)
        return schema?["properties"]?.objectValue?.keys ?? []
    }

    /// What the model makes of the budget with the settings of the user, checked against the budget.
    private func size(
        _ candidate: Candidate, _ settings: JSONObject, _ task: PlannedTask?, warn: (String) -> Void
    ) throws -> SizingAnswer {
        if let target = request.match { return try match(candidate, settings, to: target, warn: warn) }
        let id = candidate.description.id
        let answer = try sizer.size(
            SizingRequest(
                plugin: candidate.plugin, model: id, parameters: request.parameters,
                context: task?.longestRow(for: candidate.description) ?? request.training.context, settings: settings,
                alphabet: task?.task.vocabulary))
        let names = settings.keys.map { "--set \(id).\($0)" }.joined(separator: ", ")
        switch answer {
        case .sized(let sized): try check(sized, candidate, settings: names)
        case .refused(let refusal): throw explain(refusal, id, settings: names)
        case .failed: break
        }
        return answer
    }

    private func check(_ sized: SizedModel, _ candidate: Candidate, settings names: String) throws {
        let id = candidate.description.id
        let count = sized.parameters
        let deviation = Double(count - request.parameters) / Double(request.parameters)
        guard abs(deviation) > 0.05 else { return }
        let size =
            "\(id) has \(count) parameters, \(percent(deviation)) off the budget of \(request.parameters); allowed: 5 %"
        if names.isEmpty {
            throw ZooError(
                .plugin,
                "\(size). The plugin proposed this configuration itself: \(sized.configuration.value)",
                hint: "tell the author of \(candidate.plugin), or compare without \(id)")
        }
        guard request.allowsOtherSizes else {
            throw ZooError(
                .usage, "with \(names), \(size)",
                hint: "change --parameters to \(SizeText.short(count)), or give --other-sizes to compare unequal sizes")
        }
    }

    private func explain(_ refusal: SizingRefusal, _ id: String, settings names: String) -> ZooError {
        if refusal.stage == .propose {
            return ZooError(
                refusal.isFault ? .plugin : .data,
                "\(id) at \(SizeText.short(request.parameters)) parameters: \(refusal.message)",
                hint: "choose another --parameters, or compare without \(id)", cause: refusal)
        }
        let isOurs = names.isEmpty || refusal.isFault
        return ZooError(
            isOurs ? .plugin : .data, "\(names.isEmpty ? id : names): \(refusal.message)",
            hint: isOurs ? "compare without \(id)" : "zoo list --json shows the keys of \(id) and what they may be",
            cause: refusal)
    }

    private func percent(_ deviation: Double) -> String {
        "\(Int((abs(deviation) * 100).rounded(.up))) %"
    }

    private func job(_ candidate: Candidate, _ answer: SizingAnswer, seed: UInt64, _ settings: JSONObject, _ task: PlannedTask?) throws
        -> JobSpecification
    {
        let description = candidate.description
        var training = request.training
        training.seed = seed
        if let task { training.context = task.context }
        for key in settings.keys {
            try named("--set \(description.id).\(key)") { try training.set(key, to: settings[key] ?? .null) }
        }
        try named(description.id) { try training.validate() }
        var sized: SizedModel?
        var failure: SizingFailure?
        switch answer {
        case .sized(let model): sized = model
        case .failed(let cause): failure = cause
        case .refused: break
        }
        var job = JobSpecification(
            id: "\(task.map { "\(description.id)-\($0.label)" } ?? description.id)-seed-\(seed)", model: description.id, name: description.name,
            family: description.family, likelihood: LikelihoodKind(description.likelihood), plugin: candidate.plugin,
            pluginSHA256: candidate.pluginSHA256,
            config: sized?.configuration ?? ConfigurationJSON(.object(JSONObject())),
            parameters: sized?.parameters, initialisation: sized?.initialisation ?? "", seed: seed,
            training: ConfigurationJSON(training.json), dataFiles: task == nil ? request.dataFiles : [], data: task?.data ?? data,
            decodeContexts: task == nil ? request.decodeContexts : [], threads: request.threads, sizingFailure: failure)
        job.optimizer = sized?.optimizer
        job.task = task?.specification
        job.matched = sized?.matched
        return job
    }

    private func named(_ context: String, _ body: () throws -> Void) throws {
        do {
            try body()
        } catch var error as ZooError {
            error.message = "\(context): \(error.message)"
            throw error
        }
    }
}
