import Evaluation
import PluginHost
import SequenceModel
import Training

/// What one table of an experiment file says of a comparison: the whole file for all of them, a `[[comparison]]` for its own. nil: nothing.
struct ExperimentSettings {
    /// nil inside: `"all"`.
    var models: [String]??
    var files: [String]?
    var split: String?
    var parameters: Int?
    var context: Int?
    var batch: Int?
    var duration: Duration?
    var seeds: [UInt64]?
    var tuning: TuningGrid??
    var training = JSONObject()
    var settings: [SettingOverride] = []
    var decodeContexts: [Int]?
    var allowsOtherSizes: Bool?
    /// What is made equal in place of parameters; nil inside: parameters.
    var match: ExperimentMatch??
    var variants: [VariantAxis]?
    /// Instead of a text; an empty list goes back to the text.
    var tasks: [TaskSpecification]?

    /// How long a run trains.
    enum Duration {
        case steps(Int)
        case tokens(Int)
        case minutes(Double)
    }

    static let keys = [
        "models", "data", "budget", "seeds", "tuning", "training", "set", "decode_contexts", "other_sizes", "tasks", "match", "vary",
    ]

    init() {}

    /// Reads the keys of `keys`, each checked by itself.
    ///
    /// - Parameter known: every model there is, with its keys.
    init(_ table: TableReader, known: [SettingTable.Keys]) {
        models = ExperimentSettings.models(table, known: known.map(\.model))
        if let data = table.table("data") {
            data.check(known: ["files", "split"])
            files = data.texts("files", "a list of files, folders or patterns, relative to the folder of this file")
            split = data.value("split", "train/validation/test in one block each, all over 0: \"90/5/5\"") { value in
                guard let text = value.stringValue, (try? SplitRule(text)) != nil else { return nil }
                return text
            }
        }
        if let budget = table.table("budget") { read(budget) }
        seeds = ExperimentSettings.seeds(table)
        if let grid = table.table("tuning") { tuning = .some(ExperimentSettings.grid(grid)) }
        if let options = table.table("training") { training = ExperimentSettings.training(options) }
        if let set = table.table("set") { settings = ExperimentSettings.overrides(set, known: known) }
        decodeContexts = table.value("decode_contexts", "a list of lengths such as [256, \"1k\"]; [] for none") { value in
            guard let items = value.arrayValue, items.count <= 64 else { return nil }
            let contexts = items.compactMap(TableReader.length)
            return contexts.count == items.count ? Set(contexts).sorted() : nil
        }
        allowsOtherSizes = table.boolean("other_sizes")
        if let match = table.table("match") { self.match = .some(ExperimentMatch(match)) }
        if let vary = table.table("vary") { variants = VariantReader.read(vary, known: known.map(\.model)) }
        tasks = ExperimentSettings.tasks(table)
    }

    /// These over those of `shared`: budget, data and training key by key, everything else as a whole. Settings are all kept: those of one
    /// model count for more than those of all, later ones for more than earlier ones.
    func over(_ shared: ExperimentSettings) -> ExperimentSettings {
        var result = self
        result.models = models ?? shared.models
        result.files = files ?? shared.files
        result.split = split ?? shared.split
        result.parameters = parameters ?? shared.parameters
        result.context = context ?? shared.context
        result.batch = batch ?? shared.batch
        result.duration = duration ?? shared.duration
        result.seeds = seeds ?? shared.seeds
        result.tuning = tuning ?? shared.tuning
        result.training = shared.training.merging(training)
        result.settings = shared.settings + settings
        result.decodeContexts = decodeContexts ?? shared.decodeContexts
        result.allowsOtherSizes = allowsOtherSizes ?? shared.allowsOtherSizes
        result.tasks = tasks ?? shared.tasks
        result.match = match ?? shared.match
        result.variants = variants ?? shared.variants
        return result
    }

    private mutating func read(_ budget: TableReader) {
        budget.check(known: ["parameters", "context", "batch", "steps", "tokens", "minutes"])
        parameters = budget.count("parameters")
        context = budget.length("context")
        batch = budget.count("batch")
        let given = ["steps", "tokens", "minutes"].filter { budget.object[$0] != nil }
        if given.count > 1 {
            budget.problems.add("\(budget.path): \(given.joined(separator: " and ")) cannot both be the budget; give one")
        }
        if let steps = budget.count("steps") {
            duration = .steps(steps)
        } else if let tokens = budget.count("tokens") {
            duration = .tokens(tokens)
        } else if let minutes = budget.number("minutes", "a number over 0", { $0 > 0 }) {
            duration = .minutes(minutes)
        }
    }

    private static func models(_ table: TableReader, known: [String]) -> [String]?? {
        guard let value = table.object["models"] else { return nil }
        if value.stringValue == "all" { return .some(nil) }
        guard let names = table.texts("models", "\"all\" or a list of names such as [\"transformer\", \"mamba\"]") else {
            return .some([])
        }
        let place = table.name("models")
        if names.isEmpty { table.problems.add("\(place) is an empty list: there is nothing to compare") }
        var seen: Set<String> = []
        for name in names {
            if !seen.insert(name).inserted { table.problems.add("\(place): \(name) is there twice") }
            guard !known.contains(name) else { continue }
            let near = nearestName(to: name, among: known).map { "did you mean \($0)?" }
            table.problems.add(
                "\(place): no plugin brings a model \(name); \(near ?? "zoo list shows the \(known.count) models there are")")
        }
        return .some(names.filter(known.contains))
    }

    private static func tasks(_ table: TableReader) -> [TaskSpecification]? {
        let allowed = "a list of tasks such as [\"parity\", \"mqar:pairs=4\"]; zoo tasks lists them"
        guard let texts = table.texts("tasks", allowed) else { return nil }
        var tasks: [TaskSpecification] = []
        for text in texts {
            guard let task = table.problems.collect(table.name("tasks"), { try TaskSpecification(text) }) else { continue }
            if tasks.contains(task) { table.problems.add("\(table.name("tasks")): \(task.text) is there twice") }
            tasks.append(task)
        }
        return tasks
    }

    private static func seeds(_ table: TableReader) -> [UInt64]? {
        let allowed = "how many, 1 to \(SeedList.maximumCount), or a list without repeats such as [1, 5, 9]"
        return table.value("seeds", allowed) { value in
            switch value {
            case .integer(let count):
                return (1 ... Int64(SeedList.maximumCount)).contains(count) ? (1 ... UInt64(count)).map(\.self) : nil
            case .array(let items):
                let seeds = items.compactMap { item -> UInt64? in
                    guard case .integer(let seed) = item, seed >= 0, UInt64(seed) <= SeedList.largest else { return nil }
                    return UInt64(seed)
                }
                guard seeds.count == items.count, (1 ... SeedList.maximumCount).contains(seeds.count) else { return nil }
                return Set(seeds).count == seeds.count ? seeds : nil
            default: return nil
            }
        }
    }

    /// nil without axes: an empty table takes away a grid that is shared.
    private static func grid(_ table: TableReader) -> TuningGrid? {
        var axes: [TuningGrid.Axis] = []
        for key in optionKeys(table) {
            let allowed = "a list of values to try, such as [0.001, 0.003]"
            guard let values = table.value(key, allowed, { $0.arrayValue }) else { continue }
            if values.isEmpty { table.problems.add("\(table.name(key)) is an empty list: there is nothing to try") }
            for (index, value) in values.enumerated() {
                var options = TrainingOptions()
                _ = table.problems.collect("\(table.name(key))[\(index)]") { try options.set(key, to: value) }
                if values[..<index].contains(value) {
                    table.problems.add("\(table.name(key)): \(TableReader.text(value)) is there twice")
                }
            }
            if !values.isEmpty { axes.append(TuningGrid.Axis(key: key, values: values)) }
        }
        return axes.isEmpty ? nil : TuningGrid(axes: axes)
    }

    private static func training(_ table: TableReader) -> JSONObject {
        var result = JSONObject()
        for key in optionKeys(table) {
            guard let value = table.object[key] else { continue }
            var options = TrainingOptions()
            if table.problems.collect(table.path, { try options.set(key, to: value) }) != nil { result[key] = value }
        }
        return result
    }

    /// The keys of a table that are training options, the budget's left out.
    private static func optionKeys(_ table: TableReader) -> [String] {
        let known = TrainingOptions.keyNames.filter { SettingTable.budgetKeys[$0] == nil }
        let budget = table.object.keys.filter { SettingTable.budgetKeys[$0] != nil }
        for key in budget {
            let place = key == "seed" ? "seeds" : key == "split" ? "data.split" : key == "accumulate" ? "budget.batch" : "budget.\(key)"
            table.problems.add("\(table.name(key)): that is the same for all models; use \(place)")
        }
        table.check(known: known + budget)
        return table.object.keys.filter(known.contains)
    }

    private static func overrides(_ table: TableReader, known: [SettingTable.Keys]) -> [SettingOverride] {
        var result: [SettingOverride] = []
        for key in table.object.keys {
            guard let value = table.object[key] else { continue }
            if let model = known.first(where: { $0.model == key }), let object = value.objectValue {
                let own = TableReader(object: object, path: table.name(key), problems: table.problems)
                check(own, keys: model.training + model.configuration)
                result += object.keys.map { SettingOverride(model: key, key: $0, value: object[$0] ?? .null) }
            } else if value.objectValue != nil, !known.contains(where: { $0.configuration.contains(key) }) {
                let near = nearestName(to: key, among: known.map(\.model)).map { "; did you mean \($0)?" } ?? ""
                table.problems.add("\(table.name(key)): no plugin brings a model \(key)\(near)")
            } else {
                let own = TableReader(object: [key: value], path: table.path, problems: table.problems)
                check(own, keys: Set(known.flatMap { $0.training + $0.configuration }).sorted())
                result.append(SettingOverride(model: nil, key: key, value: value))
            }
        }
        return result
    }

    private static func check(_ table: TableReader, keys: [String]) {
        let budget = table.object.keys.filter { SettingTable.budgetKeys[$0] != nil }
        for key in budget { table.problems.add("\(table.name(key)): that is part of the budget, which all models share") }
        table.check(known: keys + budget)
    }
}
