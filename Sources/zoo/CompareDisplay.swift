import Experiments
import SequenceModel

/// Shows on stderr how a comparison goes: a line of progress for the run at work, a line that stays for each that ended.
final class CompareDisplay {
    private let isQuiet: Bool
    private var progress: Progress?
    private var seconds: [Double] = []
    private var begin = ContinuousClock.now

    init(isQuiet: Bool) { self.isQuiet = isQuiet }

    func show(_ event: Comparison.Event) {
        switch event {
        case .begins(let plan, let finished):
            guard finished > 0 else { return }
            say("\(finished) of \(plan.runs.count) runs were done before")
        case .starts(let job, let number, let count):
            begin = .now
            let steps = job.training.value["steps"]?.integerValue
            progress = Progress("[\(number)/\(count)] \(job.model), seed \(job.seed)", total: steps, unit: "steps", isQuiet: isQuiet)
        case .progresses(_, let state, let number, let count):
            var parts = state.phase == "training" ? [] : [state.phase]
            if let bits = state.bitsPerByte { parts.append("\(rounded(bits)) bits/byte") }
            if let rate = state.tokensPerSecond { parts.append("\(SizeText.rate(rate)) tok/s") }
            if let left = timeForTheRest(after: number, of: count) { parts.append("other runs about \(SizeText.duration(left))") }
            progress?.update(state.step, detail: parts.joined(separator: ", "))
        case .ends(let row, let number, let count, let wasDone):
            progress?.finish()
            progress = nil
            if !wasDone { seconds.append((ContinuousClock.now - begin) / .seconds(1)) }
            say("[\(number)/\(count)] \(row.model), seed \(row.seed): \(outcome(row))\(wasDone ? " (done before)" : "")")
        }
    }

    func finish() { progress?.finish() }

    /// From the mean of the runs so far; nil while there are none or this is the last.
    private func timeForTheRest(after number: Int, of count: Int) -> Double? {
        guard !seconds.isEmpty, number < count else { return nil }
        return seconds.reduce(0, +) / Double(seconds.count) * Double(count - number)
    }

    private func outcome(_ row: ResultRow) -> String {
        guard row.status == .ok else { return "\(row.status.rawValue): \(row.detail)" }
        let bits = row.bitsPerByte.map { "\(row.likelihood == .upperBound ? "at most " : "")\(rounded($0)) bits/byte" }
        let rate = row.trainTokensPerSecond.map { "\(SizeText.rate($0)) tok/s in training" }
        return [bits, rate].compactMap(\.self).joined(separator: ", ")
    }

    private func rounded(_ value: Double) -> String { "\((value * 1000).rounded() / 1000)" }

    private func say(_ text: String) {
        if !isQuiet { Terminal.writeError(text + "\n") }
    }
}
