import PluginHost
public import SequenceModel

/// Sorts `--set` options out: which go to the training of which model and which to its configuration.
public struct SettingTable {
    /// Names that the budget fixes, with the option that sets them.
    public static let budgetKeys = [
        "context": "--context", "batch": "--batch", "steps": "--steps", "minutes": "--minutes", "seed": "--seeds",
        "tokens": "--tokens", "split": "--split", "accumulate": "--batch", "parameters": "--parameters",
        "threads": "--threads",
    ]

    /// What each model accepts.
    public struct Keys: Sendable {
        /// Model id.
        public var model: String
        /// Training options that may be set, the budget's left out.
        public var training: [String]
        /// Keys of its configuration schema. A name that is also in `training` means the training option.
        public var configuration: [String]

        /// `model` is unique among the models that are compared.
        public init(model: String, training: [String], configuration: [String]) {
            self.model = model
            self.training = training
            self.configuration = configuration
        }
    }

    /// The settings of each model by id.
    public private(set) var training: [String: JSONObject] = [:]
    /// What goes over each model's proposed configuration, by id; models without settings are missing.
    public private(set) var configuration: [String: JSONObject] = [:]
    /// Settings that some of the models do not have, in words.
    public private(set) var remarks: [String] = []

    /// Throws `.usage`, with the nearest name, for a model that is not compared or a key that nothing has.
    public init(_ settings: [SettingOverride], for models: [Keys]) throws {
        // What is said of one model counts for more than what is said of all, wherever it stands.
        for setting in settings.filter({ $0.model == nil }) + settings.filter({ $0.model != nil }) {
            if let option = SettingTable.budgetKeys[setting.key] {
                throw ZooError(
                    .usage, "--set \(setting.name): \(setting.key) is part of the budget that all models share",
                    hint: "use \(option)")
            }
            let targets = try SettingTable.targets(of: setting, among: models)
            let takers = targets.filter { ($0.training + $0.configuration).contains(setting.key) }
            guard !takers.isEmpty else { throw SettingTable.unknownKey(setting, targets) }
            for keys in takers {
                if keys.training.contains(setting.key) {
                    training[keys.model, default: JSONObject()][setting.key] = setting.value
                } else {
                    configuration[keys.model, default: JSONObject()][setting.key] = setting.value
                }
            }
            if takers.count < targets.count {
                let others = targets.map(\.model).filter { model in !takers.contains { $0.model == model } }
                remarks.append(
                    "--set \(setting.name) does not change \(others.joined(separator: ", ")): no such key there")
            }
        }
    }

    private static func targets(of setting: SettingOverride, among models: [Keys]) throws -> [Keys] {
        guard let name = setting.model else { return models }
        let targets = models.filter { $0.model == name }
        guard targets.isEmpty else { return targets }
        let known = models.map(\.model)
        let near = nearestName(to: name, among: known).map { "did you mean \($0).\(setting.key)?" }
        throw ZooError(
            .usage, "--set \(setting.name): \(name) is not compared; the models are \(known.joined(separator: ", "))",
            hint: near)
    }

    private static func unknownKey(_ setting: SettingOverride, _ targets: [Keys]) -> ZooError {
        let known = Set(targets.flatMap { $0.training + $0.configuration }).sorted()
        let isOne = targets.count == 1
        let place = isOne ? targets[0].model : "none of the models"
        let verb = isOne ? "has no" : "has"
        let near = nearestName(to: setting.key, among: known).map { name in
            "did you mean \(setting.model.map { $0 + "." } ?? "")\(name)?"
        }
        return ZooError(
            .usage, "--set \(setting.name): \(place) \(verb) \(verb == "has" ? "a key" : "key") \(setting.key)",
            hint: near ?? "the keys are \(known.joined(separator: ", "))")
    }
}
