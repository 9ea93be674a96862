import ArgumentParser
import Evaluation
import Experiments
import Foundation
import Logging
import PluginHost
import SequenceModel
import Training

/// `zoo train`: one model on one text or task, into a run directory.
struct Train: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Train a model.",
        discussion: """
            Writes --out: config.json, model.safetensors, log.jsonl and checkpoints/step-N. A run that was stopped, however it was stopped, \
            goes on when the same command is given with --resume, and ends with the same bits as one that was not. \
            Without --data it trains on a built-in corpus whose entropy is known; with --task on generated rows, whose lengths take the place of \
            --context, and says at the end how many answers are right at each length that is tested.

            Examples:
              zoo train transformer --steps 200 --out runs/first
              zoo train mamba --data book.txt --parameters 1M --context 256 --steps 1000 --out runs/mamba
              zoo train lstm --task parity --parameters 200k --batch 256 --steps 500 --out runs/parity
              zoo score runs/mamba --data book.txt --part test
            """)

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The model: an id of zoo list.")
    var model: String

    @Option(parsing: .upToNextOption, help: "The text: files, folders or patterns. Default: the built-in corpus.")
    var data: [String] = []

    @Option(help: ArgumentHelp("Learn this generated task instead of text: mqar, parity:max_length=20; zoo tasks lists them. Default: text.", valueName: "name[:key=value,…]"))
    var task: String?

    @Option(
        help: "Size of the model, met within 5 %: 800k, 1M. Default: 1M.",
        transform: { try SizeArguments.count($0, "--parameters") })
    var parameters: Int?

    @Option(help: "The configuration, as a JSON file in place of --parameters: keys as in zoo list --json. Default: one of the size of --parameters.")
    var config: String?

    @Option(help: "The run directory: missing, empty, or with --resume that of the run. No default.")
    var out: String

    @Flag(help: "Go on with the run in --out. Default: begin one.")
    var resume = false

    @OptionGroup var training: TrainOptions

    func validate() throws {
        if config != nil, parameters != nil { throw ValidationError("give either --config or --parameters") }
        if out.isEmpty { throw ValidationError("--out is empty; it names the run directory") }
        if data.contains("") { throw ValidationError("--data is empty; it names the text") }
        if task != nil, !data.isEmpty { throw ValidationError("--data and --task cannot both say what is learned") }
        if config?.isEmpty == true { throw ValidationError("--config is empty; it names a JSON file") }
    }

    func run() throws {
        var (options, settings) = try training.resolve()
        let specification = try task.map { try TaskSpecification($0) }
        if let specification { options.context = try specification.make().trainLengths.upperBound }
        if FileManager.default.fileExists(atPath: ComparisonFolder(out).plan) {
            throw ZooError(.data, "\(out) holds a comparison", hint: "name another folder with --out")
        }
        let catalogue = try global.catalogue()
        let entry = try catalogue.entry(named: model)
        try checkKeys(of: settings, entry.description)
        let configuration = try configuration(entry, options, settings)
        let text = specification != nil ? nil : data.isEmpty ? GrammarCorpus().data : try TextData.load(data)
        let splits = try text.map { DataSplits($0, rule: try SplitRule(options.split)) }
        let source: any BatchSource
        if let splits {
            try options.validate()
            source = try TextSource(splits, options: options)
        } else if let specification {
            source = try TaskSource(specification, options: options)
        } else {
            throw ZooError(.internalBug, "there is nothing to learn")
        }
        let progress = Progress("training", total: options.plannedSteps, unit: "steps", isQuiet: global.quiet)
        let run = try TrainingRun(
            source: try ModelSource(entry), configuration: configuration, data: source, options: options, path: out,
            start: resume ? .resume : .fresh, services: global.services(),
            onWarning: { Train.warn($0) })
        if let splits { warnOfOverlap(splits, options) }
        let size = text.map { ", \($0.bytes.count) bytes" } ?? ""
        progress.note("\(model), \(run.trainer.memory.parameterCount) parameters; \(source.name)\(size)")
        warnOfSize(run.trainer.memory.parameterCount, settings)
        if run.resumedStep > 0 { progress.note("goes on from step \(run.resumedStep)") }
        run.onStep = { progress.update($0.step, detail: String(format: "loss %.4f", $0.loss)) }
        run.onValidation = { step, _, loss in
            let unit = text == nil ? "answer" : "byte"
            progress.note(String(format: "step \(step): validation %.4f nats, %.4f bits per ", loss, loss / log(2)) + unit)
        }
        let outcome = try run.run()
        progress.finish()
        let figures = outcome.status == .ok ? try specification.map { try answers(run, $0) } : nil
        try tell(outcome, run, figures)
    }

    /// Names a key that neither training nor the model has, and the nearest one that there is.
    private func checkKeys(of settings: JSONObject, _ description: ModelDescription) throws {
        let schema = try? JSONParser.parse(description.configurationSchema)
        let own = schema?["properties"]?.objectValue?.keys ?? []
        // A model that does not list its keys refuses by itself.
        guard !own.isEmpty, let key = settings.keys.first(where: { !own.contains($0) }) else { return }
        let near = nearestName(to: key, among: own + TrainingOptions.keyNames).map { "did you mean \($0)?" }
        throw ZooError(
            .usage, "--set \(key): neither training nor \(model) has a key \(key)",
            hint: near ?? "the keys are \((own + TrainingOptions.keyNames).sorted().joined(separator: ", "))")
    }

    /// From the file, or of the size that was asked for; `settings` over it.
    private func configuration(
        _ entry: CatalogueEntry, _ options: TrainingOptions, _ settings: JSONObject
    ) throws -> JSONValue {
        guard let config else { return try sized(entry, options, settings).value }
        let file = try ConfigurationFile.read(config, defaultModelType: model)
        guard file.names(entry.description) else {
            throw ZooError(.data, "\(config) is for the model \"\(file.modelType)\", not for \(model)")
        }
        var object = file.configuration(for: entry.description).objectValue ?? JSONObject()
        for key in settings.keys { object[key] = settings[key] }
        return .object(object)
    }

    /// The model's own proposal with `settings` over it, asked for in a process of its own: a plugin that dies there is named.
    private func sized(
        _ entry: CatalogueEntry, _ options: TrainingOptions, _ settings: JSONObject
    ) throws -> ConfigurationJSON {
        let wanted = parameters ?? 1_000_000
        let sizer = ProcessSizer(command: [try Compare.executable(), "size-model"])
        let request = SizingRequest(
            plugin: entry.plugin.path, model: entry.description.id, parameters: wanted, context: try task.map { try longestRow($0, entry.description) } ?? options.context, settings: settings,
            alphabet: try task.map { try TaskSpecification($0).make().vocabulary })
        switch try sizer.size(request) {
        case .sized(let model): return model.configuration
        case .refused(let refusal) where refusal.stage == .propose:
            throw ZooError(
                refusal.isFault ? .plugin : .data,
                "a configuration of \(model) with \(wanted) parameters: \(refusal.message)",
                hint: "choose another --parameters, or give the sizes yourself with --config", cause: refusal)
        case .refused(let refusal):
            throw ZooError(
                refusal.isFault ? .plugin : .data, "configuration of \(model): \(refusal.message)", cause: refusal)
        case .failed(let failure):
            throw ZooError(
                .plugin, "\(model) \(failure.status.rawValue): \(failure.detail)",
                hint: "tell the author of \(entry.plugin.path), or train another model")
        }
    }

    /// `--set` goes over the proposal, which met the size.
    private func warnOfSize(_ count: Int, _ settings: JSONObject) {
        guard let parameters, !settings.isEmpty else { return }
        let deviation = abs(Double(count - parameters)) / Double(parameters)
        guard deviation > 0.05 else { return }
        Train.warn(
            "\(model) has \(count) parameters, \(Int((deviation * 100).rounded(.up))) % off --parameters \(parameters), because of --set")
    }

    private func warnOfOverlap(_ splits: DataSplits, _ options: TrainingOptions) {
        for (name, block) in [("validation", splits.validation), ("test", splits.test)] {
            let overlap = Overlap(of: block, in: splits.train)
            if overlap.share > 0.01 {
                Train.warn(
                    "\(overlap.shared) of \(overlap.windows) pieces of \(overlap.windowBytes) bytes of the \(name) block are also in the "
                        + "train block: figures on it flatter a model that learns by heart")
            }
        }
    }

    private static func warn(_ text: String) { Logger(label: "train").warning("\(text)") }

    private func tell(_ outcome: TrainingOutcome, _ run: TrainingRun, _ figures: [TaskLengthFigure]?) throws {
        let bits = outcome.validationLoss.map { $0 / log(2) }
        if global.json {
            print(
                json: [
                    "model": .string(model), "out": .string(out), "status": .string(outcome.status.rawValue),
                    "detail": .string(outcome.detail), "parameters": .integer(Int64(run.trainer.memory.parameterCount)),
                    "steps": .integer(Int64(outcome.steps)), "tokens": .integer(Int64(outcome.tokens)),
                    "seed": .integer(Int64(bitPattern: run.options.seed)),
                    "likelihood": .string(run.trainer.model.description.likelihood.label),
                    "loss": outcome.loss.json, "validation_loss": outcome.validationLoss.json,
                    "validation_bits_per_byte": bits.json, "training_seconds": .number(outcome.trainingSeconds),
                    "train_tokens_per_second": outcome.medianTokensPerSecond.json,
                    "data_sha256": .string(run.data.sha256),
                    "task": task.map { .string($0) } ?? .null,
                    "accuracies": figures.map { .array($0.map(Train.json)) } ?? .null,
                    "entropy_bits_per_byte": data.isEmpty && task == nil ? .number(GrammarCorpus.entropyBitsPerByte) : .null,
                ])
        }
        switch outcome.status {
        case .diverged:
            throw ZooError(
                .negative, "\(model) \(outcome.detail)", hint: "try a lower --learning-rate or a longer --warmup with another --out")
        case .interrupted:
            throw ZooError(
                .interrupted, "interrupted after step \(outcome.steps); its checkpoint is in \(run.directory.checkpointsPath)",
                hint: "the same command with --resume goes on from there")
        case .ok: break
        }
        guard !global.json else { return }
        print("\(outcome.steps) steps, \(outcome.tokens) \(task == nil ? "bytes" : "symbols"), \(String(format: "%.1f", outcome.trainingSeconds)) s")
        if let loss = outcome.validationLoss, let bits {
            print(String(format: "validation %.4f nats, %.4f bits per ", loss, bits) + (task == nil ? "byte" : "answer"))
        }
        for figure in figures ?? [] {
            print(String(format: "accuracy %.4f at length \(figure.length), %.4f scaled, \(figure.examples) rows", figure.accuracy, figure.scaledAccuracy))
        }
        if data.isEmpty, task == nil { print(String(format: "the best possible: %.4f bits per byte", GrammarCorpus.entropyBitsPerByte)) }
        print("\(out)/model.safetensors")
    }
}
