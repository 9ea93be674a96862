import Foundation
import PluginHost
import SequenceModel
import Training

extension ComparisonPlanner {
    /// The configuration of a model that has the wanted amount of what is matched, the user's settings over it.
    ///
    /// - Parameter warn: told of a model whose sizes lie too far apart to come within 5 %.
    /// - Throws: `ZooError`: `.data` for an amount that no size of the model has, with the nearest; for settings that it refuses.
    func match(
        _ candidate: Candidate, _ settings: JSONObject, to target: MatchTarget, warn: (String) -> Void
    ) throws -> SizingAnswer {
        let id = candidate.description.id
        func ask(_ parameters: Int, probe: SizeProbe?) throws -> SizingAnswer {
            var question = SizingRequest(
                plugin: candidate.plugin, model: id, parameters: parameters, context: request.training.context, settings: settings)
            question.probe = probe
            return try sizer.size(question)
        }
        // A comparison that goes on takes what was measured when it began: a second measurement of time gives another size.
        if let earlier = request.earlierMatches[id] {
            let answer = try ask(earlier.proposedFor, probe: nil)
            guard case .sized(var sized) = answer else { return answer }
            sized.matched = earlier
            return .sized(sized)
        }
        let probe = SizeProbe(
            by: target.by, context: request.training.context, batch: request.training.batch,
            steps: request.training.plannedSteps ?? 1, threads: request.threads)
        var failure: SizingFailure?
        var refusal: SizingRefusal?
        var solver = MatchSolver<SizedModel>(target: target.value) { parameters in
            if failure != nil { return nil }
            switch try ask(parameters, probe: probe) {
            case .sized(let sized):
                return sized.measured.map { (sized, $0) }
            case .refused(let words):
                // Without a proposal of this size another may be there; what is said of settings and sessions holds for all.
                if words.stage == .propose, !words.isFault { return nil }
                refusal = words
                throw words
            case .failed(let cause):
                failure = cause
                return nil
            }
        }
        solver.range = 1000 ... ComparisonPlanner.largestSize(target.by)
        // Steps take their time, and the clock is never exact.
        if target.by == .time { (solver.limit, solver.near) = (14, 0.04) }
        let outcome: MatchSolver<SizedModel>.Outcome
        do {
            outcome = try solver.solve(from: request.parameters)
        } catch let words as SizingRefusal {
            let names = settings.keys.map { "--set \(id).\($0)" }.joined(separator: ", ")
            let isSetting = words.stage != .measure && !names.isEmpty && !words.isFault
            throw ZooError(
                words.isFault ? .plugin : .data,
                isSetting ? "\(names): \(words.message)" : "\(id) cannot be matched by \(target.by.rawValue): \(words.message)",
                hint: isSetting ? "zoo list --json shows the keys of \(id) and what they may be" : "compare without \(id)",
                cause: refusal ?? words)
        }
        if let failure { return .failed(failure) }
        switch outcome {
        case .nothing:
            throw ZooError(
                .data, "\(id) has no configuration near \(SizeText.short(request.parameters)) parameters to begin with",
                hint: "choose another --parameters, or compare without \(id)")
        case .outOfReach(let nearest):
            throw ZooError(
                .data,
                "no configuration of \(id) has \(target.text) within 5 %; the nearest has \(target.text(nearest.value)), with \(SizeText.short(nearest.answer.parameters)) parameters",
                hint: "choose another amount, or compare without \(id)")
        case .found(let trial):
            var sized = trial.answer
            let deviation = trial.value / target.value - 1
            sized.matched = MatchFigure(value: trial.value, deviation: deviation, proposedFor: trial.asked)
            if abs(deviation) > 0.05 {
                warn(
                    "the sizes of \(id) lie too far apart to meet \(target.text) within 5 %: the nearest has \(target.text(trial.value)) "
                        + "(\(MatchFigure.percent(deviation)))")
            }
            return .sized(sized)
        }
    }

    /// Parameters that are tried at most: where they must be in memory, so many that they, their gradients and moments take a quarter
    /// of it.
    private static func largestSize(_ quantity: MatchTarget.Quantity) -> Int {
        let memory = Int(clamping: ProcessInfo.processInfo.physicalMemory)
        switch quantity {
        case .parameters, .operations: return 1_000_000_000
        case .state: return max(min(memory / 16, 1_000_000_000), 10_000)
        case .time: return max(min(memory / 64, 1_000_000_000), 10_000)
        }
    }
}

extension MatchFigure {
    /// `+3 %`, `−12 %`, `±0 %`
    public static func percent(_ deviation: Double) -> String {
        let percent = Int((abs(deviation) * 100).rounded())
        return percent == 0 ? "±0 %" : (deviation > 0 ? "+" : "−") + "\(percent) %"
    }
}
