import Experiments

/// Shows on stderr how an experiment goes: a line for each comparison, and under it what `CompareDisplay` shows.
final class ExperimentDisplay {
    private let display: CompareDisplay
    private let isAlone: Bool
    private(set) var runCount = 0
    private(set) var reusedCount = 0

    init(_ plans: [PlannedComparison], isQuiet: Bool) {
        display = CompareDisplay(isQuiet: isQuiet)
        isAlone = plans.count == 1
    }

    func show(_ event: ExperimentRun.Event) {
        switch event {
        case .comparison(let name, let happened):
            if case .begins = happened, !isAlone { display.say("\(name):") }
            // Hundreds of lines of what was done before would hide the one that is at work.
            if case .ends(_, _, _, _, let wasDone) = happened, wasDone { return }
            display.show(happened)
        case .recorded(_, let wasDone):
            runCount += 1
            if wasDone { reusedCount += 1 }
        case .finished: break
        }
    }

    /// Ends an open line.
    func finish() { display.finish() }
}
