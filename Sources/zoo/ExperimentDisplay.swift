import Experiments

/// Shows on stderr how an experiment goes: what `CompareDisplay` shows of each comparison, the runs of all counted together.
final class ExperimentDisplay {
    private let display: CompareDisplay
    /// Of each comparison by its name: the runs of those before it.
    private let offsets: [String: Int]
    private let total: Int
    private(set) var runCount = 0
    private(set) var reusedCount = 0

    init(_ plans: [PlannedComparison], isQuiet: Bool) {
        display = CompareDisplay(isQuiet: isQuiet)
        var (offsets, total) = ([String: Int](), 0)
        for planned in plans {
            offsets[planned.name] = total
            total += planned.plan.tuning.count + planned.plan.runs.count
        }
        (self.offsets, self.total) = (offsets, total)
    }

    func show(_ event: ExperimentRun.Event) {
        switch event {
        case .comparison(let name, let happened):
            // Hundreds of lines of what was done before would hide the one that is at work.
            if case .ends(_, _, _, _, let wasDone) = happened, wasDone { return display.passOver() }
            display.show(happened, in: offsets.count > 1 ? name : nil, after: offsets[name] ?? 0, of: total)
        case .recorded(_, let wasDone):
            runCount += 1
            if wasDone { reusedCount += 1 }
        case .finished: break
        }
    }

    /// Ends an open line.
    func finish() { display.finish() }
}
