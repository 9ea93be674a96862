import ArgumentParser
import Evaluation
import Experiments
import PluginHost
import SequenceModel
import Training

/// What all models of a comparison share: sizes, training, measurements.
struct CompareOptions: ParsableArguments {
    @Option(
        help: "Parameters of each model, met within 5 %: 800k, 1M (10^6). Default: 1M.",
        transform: { try SizeArguments.count($0, "--parameters") })
    var parameters = 1_000_000

    @OptionGroup var shared: SharedTrainingOptions

    @Option(help: "Training steps of each run. Default: 300.", transform: { try SizeArguments.count($0, "--steps") })
    var steps: Int?

    @Option(
        help: "Bytes that each run learns from, in place of --steps: 1.2M. Default: --steps decides.",
        transform: { try SizeArguments.count($0, "--tokens") })
    var tokens: Int?

    @Option(help: "Minutes spent in the training steps of each run, in place of --steps. Such runs cannot be repeated bit for bit. With --match time beside --steps: how long those shall take. Default: --steps decides.")
    var minutes: Double?

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            "Before its results, every model tries these values of a training option, in a run of the same budget each; the best on the validation part is taken: learning_rate=0.001,0.003. Repeated for several options: all combinations. Default: nothing is tuned.",
            valueName: "key=value,value"))
    var tune: [String] = []

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            "Train and test on this generated task instead of text, with lengths of its own: mqar, parity:max_length=20; zoo tasks lists them. May be repeated: every model on each. Default: text.",
            valueName: "name[:key=value,…]"))
    var task: [String] = []

    @Option(
        name: .customLong("match"),
        help: ArgumentHelp(
            "What is made equal by choosing each model's size: parameters (--parameters), operations of training (--operations), state (--state, after --context) or time (--minutes for --steps); --parameters is then where the search begins. Default: parameters.",
            valueName: "quantity"), transform: parseQuantity)
    var quantity = MatchTarget.Quantity.parameters

    @Option(help: "With --match operations: operations of each training run, 1e13 or 10T. No default.", transform: { try SizeArguments.operations($0) })
    var operations: Double?

    @Option(help: "With --match state: bytes of a saved session after --context, 64KiB. No default.", transform: { try SizeArguments.bytes($0) })
    var state: Int?

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            "After training, evaluate the same weights under these values of a key of the configuration that changes no parameter, or of generation (steps, sampler): ebt.inference_mcmc_steps=0,1,2,4. May be repeated. Default: only what was trained.",
            valueName: "[model.]key=value,value"))
    var vary: [String] = []

    @Flag(help: "Keep models that --set made larger or smaller than --parameters allows. Default: refuse them.")
    var otherSizes = false

    @Option(
        help: "Contexts in bytes at which decoding is measured: 256,1k, or none. Default: 256,1k,4k,16k.", transform: parseContexts)
    var decodeContexts = [256, 1024, 4096, 16384]

    func validate() throws {
        let given = [steps.map { _ in "--steps" }, tokens.map { _ in "--tokens" }, minutes.map { _ in "--minutes" }]
        let names = given.compactMap(\.self)
        try validateMatch()
        if names.count > 1, quantity != .time {
            throw ValidationError("\(names.joined(separator: " and ")) cannot both be the budget: give one")
        }
        if let minutes, !(minutes > 0 && minutes.isFinite) {
            throw ValidationError("--minutes is \(minutes); expected a number over 0")
        }
    }

    /// Which options belong to which quantity.
    private func validateMatch() throws {
        for (name, value, owner) in [
            ("--operations", operations != nil, MatchTarget.Quantity.operations), ("--state", state != nil, .state),
        ] {
            if value, quantity != owner { throw ValidationError("\(name) is given without --match \(owner.rawValue)") }
            if !value, quantity == owner { throw ValidationError("--match \(owner.rawValue) needs \(name): how much of it each model shall have") }
        }
        if quantity == .operations, minutes != nil {
            throw ValidationError("--match operations needs a number of steps or tokens: --minutes does not say how much is computed")
        }
        if quantity == .time {
            guard minutes != nil else {
                throw ValidationError(
                    "--match time needs --minutes: how long the steps of each run shall take. (Equal time at equal parameters is --minutes alone.)")
            }
            if steps != nil, tokens != nil { throw ValidationError("--steps and --tokens cannot both be the budget: give one") }
        }
    }

    /// Steps of each run; nil where minutes are the budget.
    private var plannedSteps: Int? {
        minutes == nil || quantity == .time ? tokens.map { $0 / (shared.batch * shared.context) } ?? steps ?? 300 : nil
    }

    /// What sizes are matched to; nil: parameters.
    private var match: MatchTarget? {
        switch quantity {
        case .parameters: nil
        case .operations: operations.map { MatchTarget(by: .operations, value: $0) }
        case .state: state.map { MatchTarget(by: .state, value: Double($0)) }
        case .time: minutes.map { MatchTarget(by: .time, value: $0 * 60 / Double(max(plannedSteps ?? 1, 1))) }
        }
    }

    /// What cannot be, before anything is computed from it.
    ///
    /// - Throws: `ZooError` (`.usage`).
    func check() throws {
        let minutesAreTheBudget = quantity != .time
        var training = TrainingOptions(
            steps: tokens == nil && (minutes == nil || !minutesAreTheBudget) ? steps ?? 300 : nil, minutes: minutesAreTheBudget ? minutes : nil)
        training.tokens = tokens
        training.context = shared.context
        training.batch = shared.batch
        try training.validate()
        if let tokens, tokens < shared.batch * shared.context {
            throw ZooError(.usage, "--tokens is \(tokens), less than one step of \(shared.batch) × \(shared.context) tokens")
        }
    }

    /// The request these options stand for.
    func request(threads: Int, dataFiles: [String], split: String) throws -> ComparisonRequest {
        let tasks = try task.map { try TaskSpecification($0) }
        if let twice = Dictionary(grouping: tasks, by: { $0 }).values.first(where: { $0.count > 1 })?.first {
            throw ZooError(.usage, "--task \(twice) is named twice")
        }
        var training = ComparisonRequest.trainingOptions(
            steps: plannedSteps, minutes: quantity == .time ? nil : minutes, context: shared.context, batch: shared.batch)
        training.split = split
        if let learningRate = shared.learningRate { training.learningRate = learningRate }
        var request = ComparisonRequest(
            parameters: parameters, training: training, seeds: shared.seeds,
            settings: try shared.settings.map { try SettingOverride($0) },
            tuning: tune.isEmpty ? nil : try TuningGrid(tune), allowsOtherSizes: otherSizes,
            decodeContexts: decodeContexts, threads: threads, dataFiles: dataFiles, tasks: tasks)
        request.match = match
        request.variants = try vary.map { try VariantAxis($0) }
        return request
    }
}

private func parseQuantity(_ text: String) throws -> MatchTarget.Quantity {
    if let quantity = MatchTarget.Quantity(rawValue: text) { return quantity }
    let known = MatchTarget.Quantity.allCases.map(\.rawValue)
    let near = nearestName(to: text, among: known).map { "; did you mean \($0)?" } ?? ""
    throw ValidationError("--match is \(text); expected \(known.joined(separator: ", "))\(near)")
}

private func parseContexts(_ text: String) throws -> [Int] {
    if text == "none" { return [] }
    let contexts = try text.split(separator: ",", omittingEmptySubsequences: false).map {
        try SizeArguments.length(String($0), "--decode-contexts")
    }
    return Set(contexts).sorted()
}
