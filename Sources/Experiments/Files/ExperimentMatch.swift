import SequenceModel
import Training

/// `[match]` of an experiment file: what is made equal by choosing each model's size, in place of parameters.
enum ExperimentMatch: Equatable {
    /// Of a training run.
    case operations(Double)
    /// Bytes of a saved session after the training context.
    case state(Int)
    /// That the training steps of a run take on this machine.
    case minutes(Double)

    static let keys = ["operations", "state", "minutes"]

    /// nil for an empty table, which goes back to parameters, and where something is wrong.
    init?(_ table: TableReader) {
        table.check(known: ExperimentMatch.keys)
        let given = ExperimentMatch.keys.filter { table.object[$0] != nil }
        if given.count > 1 {
            table.problems.add("\(table.path): \(given.joined(separator: " and ")) cannot both be made equal; give one")
        }
        let operations = table.value("operations", "a number over 0 up to 1e24, such as 1e13 or \"10T\"") { value in
            value.stringValue.map(SizeText.operations) ?? value.doubleValue.flatMap { $0 > 0 && $0 <= 1e24 ? $0 : nil }
        }
        let state = table.value("state", "bytes from 1 to 1 TiB, such as 65536 or \"64KiB\"") { value -> Int? in
            if case .integer(let bytes) = value { return (1 ... 1 << 40).contains(bytes) ? Int(bytes) : nil }
            return value.stringValue.flatMap(SizeText.memory)
        }
        if let operations {
            self = .operations(operations)
        } else if let state {
            self = .state(state)
        } else if let minutes = table.number("minutes", "a number over 0", { $0 > 0 }) {
            self = .minutes(minutes)
        } else {
            return nil
        }
    }

    /// The target for runs of this length; nil, with the problem told, where their steps are not known.
    func target(_ training: TrainingOptions, _ table: TableReader) -> MatchTarget? {
        if case .state(let bytes) = self { return MatchTarget(by: .state, value: Double(bytes)) }
        guard training.minutes == nil, let steps = training.plannedSteps else {
            table.problems.add("\(table.name("match")) needs budget.steps or budget.tokens: minutes do not say how much is computed")
            return nil
        }
        switch self {
        case .operations(let operations): return MatchTarget(by: .operations, value: operations)
        case .state(let bytes): return MatchTarget(by: .state, value: Double(bytes))
        case .minutes(let minutes): return MatchTarget(by: .time, value: minutes * 60 / Double(max(steps, 1)))
        }
    }
}
