import SequenceModel

/// In what two comparisons differ before any result, and which figures that takes the meaning from.
struct Circumstances {
    /// Budget, text and machine.
    let general: [ResultsDifference.Circumstance]
    /// Why qualities cannot be compared; empty when they can.
    let quality: String
    /// Why speeds and memory cannot be compared; empty when they can.
    let speed: String

    init(old: ComparisonResults, new: ComparisonResults) {
        func differing(_ values: [(String, String, String)]) -> [ResultsDifference.Circumstance] {
            values.filter { $0.1 != $0.2 }.map { ResultsDifference.Circumstance(name: $0.0, old: $0.1, new: $0.2) }
        }
        func text<Value>(_ value: Value?) -> String { value.map { "\($0)" } ?? "none" }
        let (was, now) = (old.budget, new.budget)
        let budget = differing([
            ("budget.parameters", "\(was.parameters)", "\(now.parameters)"), ("budget.context", "\(was.context)", "\(now.context)"),
            ("budget.batch", "\(was.batch)", "\(now.batch)"), ("budget.steps", text(was.steps), text(now.steps)),
            ("budget.minutes", text(was.minutes), text(now.minutes)),
        ])
        let seeds = differing([
            ("budget.seeds", was.seeds.map(String.init).joined(separator: ","), now.seeds.map(String.init).joined(separator: ","))
        ])
        func splits(_ data: DataSummary) -> String { "\(data.splits.train)/\(data.splits.validation)/\(data.splits.test)" }
        let data = differing([
            ("data.sha256", old.data.sha256, new.data.sha256), ("data.splits", splits(old.data), splits(new.data)),
        ])
        func environment(_ machine: MachineSummary) -> String {
            machine.environment.isEmpty ? "none"
                : machine.environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
        }
        let (there, here) = (old.machine, new.machine)
        let machine = differing([
            ("machine.processor", there.processor, here.processor), ("machine.processors", "\(there.processors)", "\(here.processors)"),
            ("machine.threads", "\(there.threads)", "\(here.threads)"), ("machine.system", there.system, here.system),
            ("machine.environment", environment(there), environment(here)),
        ])
        general = budget + seeds + data + machine
        var reasons: [String] = []
        if !budget.isEmpty { reasons.append("another budget") }
        if !data.isEmpty { reasons.append("another text") }
        quality = reasons.joined(separator: ", ")
        let sizes = budget.filter { $0.name != "budget.steps" && $0.name != "budget.minutes" }
        speed = ((machine.isEmpty ? [] : ["another machine"]) + (sizes.isEmpty ? [] : ["another budget"])).joined(separator: ", ")
    }

    /// Plugin, configuration and training of one model.
    static func ofModel(_ old: ResultRow, _ new: ResultRow) -> [ResultsDifference.Circumstance] {
        var found: [ResultsDifference.Circumstance] = []
        func add(_ name: String, _ old: String, _ new: String) {
            if old != new { found.append(ResultsDifference.Circumstance(name: name, old: old, new: new)) }
        }
        add("plugin of \(new.model)", String(old.pluginSHA256.prefix(12)), String(new.pluginSHA256.prefix(12)))
        for (name, there, here) in [
            ("configuration", old.config.value, new.config.value),
            ("training", old.training?.value ?? .null, new.training?.value ?? .null),
        ] {
            guard let before = there.objectValue, let after = here.objectValue else { continue }
            // Which seed it is and how long it is trained is no property of the model.
            let keys = (before.keys + after.keys.filter { before[$0] == nil }).filter {
                name == "configuration" || SettingTable.budgetKeys[$0] == nil && !["evaluate_every", "evaluation_bytes", "checkpoint_every"].contains($0)
            }
            for key in keys {
                add("\(name) of \(new.model), \(key)", before[key]?.description ?? "none", after[key]?.description ?? "none")
            }
        }
        return found
    }
}
