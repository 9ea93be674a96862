import Evaluation
import Experiments

/// Shows on stderr how a comparison goes: one line for the run at work (on a terminal rewritten in place, elsewhere a plain line
/// now and then), and a line that stays for each run that ended.
final class CompareDisplay {
    private let isQuiet: Bool
    private var isOpen = false
    private var lastShown: ContinuousClock.Instant?
    /// Runs that ended, those of earlier calls too.
    private var ended = 0
    /// Of the runs that ended in this call.
    private var seconds: [Double] = []
    /// Runs at work by their number: when they began, and what was last said of each.
    private var active: [Int: (begin: ContinuousClock.Instant, line: String)] = [:]

    init(isQuiet: Bool) { self.isQuiet = isQuiet }

    /// - Parameters:
    ///   - comparison: its name, where there are several.
    ///   - before: runs of the comparisons before it, which numbers go on from.
    ///   - total: runs of all comparisons; nil: of this one.
    func show(_ event: Comparison.Event, in comparison: String? = nil, after before: Int = 0, of total: Int? = nil) {
        func name(_ job: JobSpecification, _ number: Int, _ count: Int) -> String {
            "[\(number)/\(count)] \(comparison.map { "\($0): " } ?? "")\(job.label)"
        }
        switch event {
        case .begins(let plan, let finished):
            let (runs, place) = (plan.tuning.count + plan.runs.count, comparison.map { "\($0): " } ?? "")
            if finished > 0 { say("\(place)\(finished) of \(runs) runs were done before") }
        case .starts(let job, let number, let count):
            let (number, count) = (before + number, total ?? count)
            lastShown = nil
            active[number] = (.now, "\(name(job, number, count))  starting")
            show(number)
        case .progresses(let job, let state, let number, let count):
            let (number, count) = (before + number, total ?? count)
            let line = "\(name(job, number, count))  \(describe(state, count, isTask: job.task != nil))"
            active[number]?.line = line
            show(number)
        case .ends(let job, let row, let number, let count, let wasDone):
            let (number, count) = (before + number, total ?? count)
            ended += 1
            if let run = active.removeValue(forKey: number), !wasDone {
                seconds.append((ContinuousClock.now - run.begin) / .seconds(1))
            }
            say("\(name(job, number, count))  \(outcome(row))\(wasDone ? " (done before)" : "")")
        }
    }

    /// Counts a run that was done before, of which nothing is said.
    func passOver() { ended += 1 }

    /// Ends an open line.
    func finish() {
        if isOpen { Terminal.writeError("\n") }
        isOpen = false
    }

    private func describe(_ state: JobProgress, _ count: Int, isTask: Bool) -> String {
        var parts: [String] = []
        if state.phase == "training" {
            parts.append("step \(state.step)\(state.steps.map { "/\($0)" } ?? "")")
            if let bits = state.bitsPerByte { parts.append("\(rounded(bits)) \(isTask ? "bits/answer" : "bits/byte")") }
            if let rate = state.tokensPerSecond { parts.append("\(SizeText.rate(rate)) tok/s") }
            if let left = state.secondsLeft { parts.append("\(SizeText.duration(left)) left") }
        } else {
            parts.append(state.phase)
        }
        // From the mean of the runs so far: models differ, so this is a guess.
        let waiting = count - ended - active.count
        if waiting > 0, !seconds.isEmpty {
            let rest = seconds.reduce(0, +) / Double(seconds.count * max(active.count, 1)) * Double(waiting)
            parts.append("then \(waiting) more, about \(SizeText.duration(rest))")
        }
        return parts.joined(separator: "  ")
    }

    private func outcome(_ row: ResultRow) -> String {
        guard row.status == .ok else { return "\(row.status.rawValue): \(row.detail)" }
        if let task = row.task {
            let figures = task.lengths.map { "\(percent($0.accuracy)) at \($0.length)" }
            let solved = task.solvedAtStep.map { "solved at step \($0)" }
            let validated = figures.isEmpty ? task.validationAccuracy.map { "\(percent($0)) validated" } : nil
            let parts = [figures.isEmpty ? validated : figures.joined(separator: ", "), solved, row.seconds.map { SizeText.duration($0) }]
            return parts.compactMap(\.self).joined(separator: "  ")
        }
        let bound = row.likelihood == .upperBound ? "at most " : ""
        let parts = [
            row.bitsPerByte.map { "\(bound)\(rounded($0)) bits/byte" } ?? "no likelihood",
            row.trainTokensPerSecond.map { "\(SizeText.rate($0)) tok/s" }, row.seconds.map { SizeText.duration($0) },
        ]
        return parts.compactMap(\.self).joined(separator: "  ")
    }

    private func percent(_ part: Double) -> String { "\((part * 1000).rounded() / 10) %" }

    private func rounded(_ value: Double) -> String { "\((value * 1000).rounded() / 1000)" }

    /// The runs at work: on a terminal all of them, beside each other, else the one that has news.
    private func show(_ number: Int) {
        guard !isQuiet else { return }
        let lines = Terminal.rewritesLines ? active.sorted { $0.key < $1.key }.map(\.value.line) : [active[number]?.line ?? ""]
        let line = lines.joined(separator: "  |  ")
        let now = ContinuousClock.now
        let interval: Duration = Terminal.rewritesLines ? .milliseconds(100) : .seconds(10)
        if let lastShown, now - lastShown < interval { return }
        lastShown = now
        guard Terminal.rewritesLines else { return Terminal.writeError(line + "\n") }
        Terminal.writeError("\r\u{1B}[2K" + String(line.prefix(max(Terminal.width - 1, 1))))
        isOpen = true
    }

    /// A line that stays.
    func say(_ text: String) {
        guard !isQuiet else { return }
        if isOpen { Terminal.writeError("\r\u{1B}[2K") }
        isOpen = false
        Terminal.writeError(text + "\n")
    }
}
