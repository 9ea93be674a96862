import PluginHost
public import SequenceModel
import Training

/// Makes a plan: sizes every model to the budget, checks it by counting, and lays out the runs.
public struct ComparisonPlanner {
    /// A model that takes part, and the plugin it comes from.
    public struct Candidate {
        public var factory: any ModelFactory
        /// Absolute path.
        public var plugin: String
        public var pluginSHA256: String

        public init(factory: any ModelFactory, plugin: String, pluginSHA256: String) {
            self.factory = factory
            self.plugin = plugin
            self.pluginSHA256 = pluginSHA256
        }
    }

    let request: ComparisonRequest
    let data: DataSummary
    let command: String
    let started: String

    public init(request: ComparisonRequest, data: DataSummary, command: String, started: String) {
        self.request = request
        self.data = data
        self.command = command
        self.started = started
    }

    /// The plan, runs ordered seed by seed so that every model has a first result early.
    ///
    /// - Parameter warn: told of settings that some of the models do not have.
    /// - Throws: `ZooError`: `.usage` for settings, `.data` for a budget that a model cannot meet, `.plugin` for a model whose
    ///   proposal is off by more than 5 %.
    public func plan(_ candidates: [Candidate], warn: (String) -> Void = { _ in }) throws -> ComparisonPlan {
        let keys = candidates.map { candidate in
            SettingTable.Keys(
                model: candidate.factory.description.id, training: trainingKeys,
                configuration: configurationKeys(candidate.factory.description))
        }
        let table = try SettingTable(request.settings, for: keys)
        table.remarks.forEach(warn)
        let sized = try candidates.map { try size($0, table.configuration[$0.factory.description.id] ?? JSONObject()) }
        let runs = try request.seeds.flatMap { seed in
            try zip(candidates, sized).map { candidate, sized in
                let settings = table.training[candidate.factory.description.id] ?? JSONObject()
                return try job(candidate, sized, seed: seed, settings)
            }
        }
        return ComparisonPlan(
            command: command, started: started, machine: .current(threads: request.threads),
            budget: ComparisonBudget(
                parameters: request.parameters, context: request.training.context, batch: request.training.batch,
                steps: request.training.plannedSteps, minutes: request.training.minutes, seeds: request.seeds),
            data: data, runs: runs)
    }

    private struct Sized {
        var configuration: JSONValue
        var parameters: Int
        var initialisation: String
    }

    private var trainingKeys: [String] { TrainingOptions.keyNames.filter { SettingTable.budgetKeys[$0] == nil } }

    private func configurationKeys(_ description: ModelDescription) -> [String] {
        let schema = try? JSONParser.parse(description.configurationSchema)
        return schema?["properties"]?.objectValue?.keys ?? []
    }

    /// The proposal for the budget with the settings of the user in it, counted.
    private func size(_ candidate: Candidate, _ settings: JSONObject) throws -> Sized {
        let id = candidate.factory.description.id
        let budget = Budget(parameters: request.parameters, context: request.training.context)
        let hint = "choose another --parameters, or compare without \(id)"
        var configuration = try explain(
            "\(id) at \(SizeText.short(request.parameters)) parameters", code: .data, hint: hint
        ) {
            try candidate.factory.propose(budget)
        }
        if !settings.isEmpty {
            var object = configuration.objectValue ?? JSONObject()
            for key in settings.keys { object[key] = settings[key] }
            configuration = .object(object)
        }
        let names = settings.keys.map { "--set \(id).\($0)" }.joined(separator: ", ")
        let resolved = try explain(settings.isEmpty ? id : names, code: settings.isEmpty ? .plugin : .usage) {
            try candidate.factory.resolve(configuration)
        }
        let model = try explain(id, code: settings.isEmpty ? .plugin : .usage) {
            try candidate.factory.create(resolved, services: NoHostServices())
        }
        let count = ParameterSummary.count(model.parameters)
        let deviation = Double(count - request.parameters) / Double(request.parameters)
        if abs(deviation) > 0.05 {
            let size =
                "\(id) has \(count) parameters, \(percent(deviation)) off the budget of \(request.parameters); allowed: 5 %"
            if settings.isEmpty {
                throw ZooError(
                    .plugin, "\(size). The plugin proposed this configuration itself: \(resolved)",
                    hint: "tell the author of \(candidate.plugin)")
            }
            guard request.allowsOtherSizes else {
                throw ZooError(
                    .usage, "with \(names), \(size)",
                    hint:
                        "change --parameters to \(SizeText.short(count)), or give --other-sizes to compare unequal sizes"
                )
            }
        }
        return Sized(
            configuration: resolved, parameters: count,
            initialisation: ParameterSummary.initialisation(model.parameters))
    }

    private func percent(_ deviation: Double) -> String {
        "\(Int((abs(deviation) * 100).rounded(.up))) %"
    }

    private func job(_ candidate: Candidate, _ sized: Sized, seed: UInt64, _ settings: JSONObject) throws
        -> JobSpecification
    {
        let description = candidate.factory.description
        var training = request.training
        training.seed = seed
        for key in settings.keys {
            try named("--set \(description.id).\(key)") { try training.set(key, to: settings[key] ?? .null) }
        }
        try named(description.id) { try training.validate() }
        return JobSpecification(
            id: "\(description.id)-seed-\(seed)", model: description.id, name: description.name,
            family: description.family, likelihood: LikelihoodKind(description.likelihood), plugin: candidate.plugin,
            pluginSHA256: candidate.pluginSHA256, config: ConfigurationJSON(sized.configuration),
            parameters: sized.parameters, initialisation: sized.initialisation, seed: seed,
            training: ConfigurationJSON(training.json), dataFiles: request.dataFiles, data: data,
            decodeContexts: request.decodeContexts, threads: request.threads)
    }

    private func named(_ context: String, _ body: () throws -> Void) throws {
        do {
            try body()
        } catch var error as ZooError {
            error.message = "\(context): \(error.message)"
            throw error
        }
    }

    private func explain<Result>(
        _ context: String, code: ZooError.Code, hint: String? = nil, _ body: () throws -> Result
    ) throws -> Result {
        do {
            return try body()
        } catch let error as SequenceModelError {
            throw ZooError(
                error.code == .internal ? .plugin : code, "\(context): \(error.message)", hint: hint, cause: error)
        }
    }
}
