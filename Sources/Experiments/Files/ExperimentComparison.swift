import PluginHost
import SequenceModel
import Training

/// One comparison of an experiment, the shared keys of the file already in it.
public struct ExperimentComparison: Sendable {
    /// Names its folder.
    public var name: String
    /// Model ids, in the order of the file, or of the catalogue for `"all"`.
    public var models: [String]
    /// Of the text, as the file names them: relative to its folder; empty for the built-in corpus.
    public var files: [String]
    /// What it asks for; `threads` and `dataFiles` are for the caller to fill in.
    public var request: ComparisonRequest

    /// Runs that it takes, those of tuning included.
    public var runCount: Int {
        models.count * max(request.tasks.count, 1) * (request.seeds.count + (request.tuning?.pointCount ?? 0))
    }

    /// nil, with the problems told, where something is missing or does not go together.
    init?(
        _ name: String, _ table: TableReader, _ own: ExperimentSettings, shared: ExperimentSettings,
        known: [SettingTable.Keys]
    ) {
        let settings = own.over(shared)
        let problems = table.problems
        let models: [String]
        if let named = settings.models {
            models = named ?? known.map(\.model)
        } else {
            problems.add("\(table.name("models")) is missing: \"all\" or a list of names such as [\"transformer\", \"mamba\"]")
            models = []
        }
        guard let training = ExperimentComparison.training(table, settings), !models.isEmpty else { return nil }
        let compared = known.filter { models.contains($0.model) }
        for setting in own.settings {
            guard let model = setting.model, !models.contains(model) else { continue }
            problems.add("\(table.name("set")).\(model): \(model) is not compared here; the models are \(models.joined(separator: ", "))")
        }
        let grid = settings.tuning ?? nil
        if let grid {
            for axis in grid.axes {
                // Where one table says both, neither can be the one that is meant.
                if let setting = settings.settings.first(where: { $0.key == axis.key && ($0.model.map(models.contains) ?? true) }) {
                    problems.add(
                        "\(table.name("tuning")).\(axis.key): set.\(setting.name) cannot decide it too; leave one of them out")
                }
            }
        }
        if let count = grid?.pointCount, count > TuningGrid.maximumPoints {
            problems.add(
                "\(table.name("tuning")) makes \(count) combinations for each model; allowed: at most \(TuningGrid.maximumPoints)")
        }
        self.name = name
        self.models = models
        files = settings.files ?? []
        request = ComparisonRequest(
            parameters: settings.parameters ?? 1_000_000, training: training, seeds: settings.seeds ?? [1],
            // Shared settings are for whom they are for.
            settings: settings.settings.filter { setting in
                compared.contains { keys in
                    (setting.model == nil || setting.model == keys.model)
                        && (keys.training + keys.configuration).contains(setting.key)
                }
            },
            tuning: grid, allowsOtherSizes: settings.allowsOtherSizes ?? false,
            decodeContexts: settings.decodeContexts ?? [256, 1024, 4096, 16384], threads: 1, dataFiles: [],
            tasks: settings.tasks ?? [])
        request.match = (settings.match ?? nil)?.target(training, table)
        request.variants = (settings.variants ?? []).filter { axis in
            own.variants?.contains(axis) == true
                || compared.contains { keys in
                    (axis.model == nil || axis.model == keys.model)
                        && (keys.configuration + VariantSetting.generationKeys).contains(axis.key)
                }
        }
        if !request.tasks.isEmpty, let key = request.match != nil ? "match" : request.variants.isEmpty ? nil : "vary" {
            problems.add("\(table.name(key)): tasks are generated for one size and one configuration of a model; leave out \(key) or tasks")
        }
        request.published = PublishedReader.read(table, models: models, tasks: request.tasks)
    }

    /// Training options that all models share; nil, with the problems told, where they cannot be.
    private static func training(_ table: TableReader, _ settings: ExperimentSettings) -> TrainingOptions? {
        var budget = TrainingOptions()
        budget.context = settings.context ?? 256
        budget.batch = settings.batch ?? 16
        switch settings.duration ?? .steps(300) {
        case .steps(let steps): budget.steps = steps
        case .tokens(let tokens): budget.tokens = tokens
        case .minutes(let minutes): budget.minutes = minutes
        }
        // Before anything is computed from it.
        guard table.problems.collect(table.name("budget"), { try budget.validate() }) != nil else { return nil }
        if let tokens = budget.tokens, tokens < budget.tokensPerStep {
            table.problems.add(
                "\(table.name("budget")).tokens is \(tokens), less than one step of \(budget.batch) × \(budget.context) tokens")
            return nil
        }
        var training = ComparisonRequest.trainingOptions(
            steps: budget.tokens.map { $0 / budget.tokensPerStep } ?? budget.steps, minutes: budget.minutes,
            context: budget.context, batch: budget.batch)
        if let split = settings.split { training.split = split }
        for key in settings.training.keys {
            // Each was tried where it was read.
            try? training.set(key, to: settings.training[key] ?? .null)
        }
        return table.problems.collect(table.name("training")) { () throws -> TrainingOptions in
            try training.validate()
            return training
        }
    }
}
