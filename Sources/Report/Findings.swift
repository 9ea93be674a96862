import Evaluation
import Experiments
import Foundation

/// What a comparison found, in sentences: a model is called best at something only where intervals separate it from all others.
struct Findings {
    /// A topic and what is said of it.
    struct Sentence: Equatable {
        let topic: String
        let text: String
    }

    private let results: ComparisonResults
    private let summaries: [ModelSummary]
    private let pairs: [PairedComparison]

    init(_ results: ComparisonResults, _ summaries: [ModelSummary], _ pairs: [PairedComparison]) {
        self.results = results
        self.summaries = summaries
        self.pairs = pairs
    }

    var sentences: [Sentence] {
        var all = [quality(.exact, "Quality"), quality(.upperBound, "Quality, upper bounds")].compactMap(\.self)
        all += tasks
        all += [speed, decoding, state, memory, failures].compactMap(\.self)
        return all
    }

    /// Exact likelihoods and bounds each among their own.
    private func quality(_ kind: LikelihoodKind, _ topic: String) -> Sentence? {
        let leaders = Leaders(
            summaries.filter { $0.likelihood == kind }.map { ($0.model, $0.finished.compactMap(\.bitsPerByte)) }, lowerIsBetter: true)
        func bits(_ model: String) -> String {
            let text = Findings.text(leaders[model]) { String(format: "%.3f", $0) }
            return (kind == .upperBound ? "at most " : "") + text
        }
        let text: String
        switch leaders.verdict {
        case .clear(let first, let next):
            text = "\(first) is best: \(bits(first)) bits per byte on the test text; next is \(next) with \(bits(next))."
        case .tied(let models):
            text = "\(Findings.notApart(models)) (\(bits(models[0])) to \(bits(models[models.count - 1])) bits per byte).\(seedsNeeded(models))"
        case .alone(let model):
            text = "\(model), the only one of its kind, reaches \(bits(model)) bits per byte."
        case .unknown:
            guard leaders.entries.count > 1 else { return nil }
            text = """
                one seed each, so the data do not tell the models from luck and none is called best. More seeds would: --seeds 3. \
                Seen: \(leaders.entries[0].model) \(bits(leaders.entries[0].model)) to \(leaders.entries[leaders.entries.count - 1].model) \
                \(bits(leaders.entries[leaders.entries.count - 1].model)) bits per byte.
                """
        }
        return Sentence(topic: topic, text: text + Findings.unjudged(leaders))
    }

    /// What would tell the first two apart, compared seed by seed.
    private func seedsNeeded(_ models: [String]) -> String {
        let names = Set(models.prefix(2))
        guard let pair = pairs.first(where: { Set([$0.first, $0.second]) == names }) else { return " More seeds would." }
        let difference = String(format: "%.3f ± %.3f", pair.difference, pair.halfWidth)
        if pair.isDifferent {
            return " Compared seed by seed, \(pair.first) is better than \(pair.second) by \(difference)."
        }
        guard let seeds = pair.seedsNeeded else {
            return " Between \(pair.first) and \(pair.second) not even 100 seeds would, at the scatter seen here: take them as equal."
        }
        let needed = max(seeds, pair.seeds + 1)
        return " Between \(pair.first) and \(pair.second), \(difference) apart, about \(needed) seeds would, at the scatter seen here: --seeds \(needed)."
    }

    /// Each task apart, at the longest length that was learned.
    private var tasks: [Sentence] {
        let answers = TaskSummary.summarise(results.rows)
        return TaskTable.tasks(answers).compactMap { task in
            let own = answers.filter { $0.task.specification == task.specification }
            guard let length = own.compactMap(\.mainLength).first else { return nil }
            return leading(
                "\(task.specification.text), at length \(SizeText.context(length))", own.map { ($0.model, $0.accuracies(at: length)) },
                lowerIsBetter: false, best: "is right most often", unit: " of the answers right"
            ) { String(format: "%.3f", $0) }
        }
    }

    private var speed: Sentence? {
        leading(
            "Training speed", values { $0.trainTokensPerSecond }, lowerIsBetter: false, best: "is fastest", unit: " tokens/s", SizeText.rate)
    }

    private var decoding: Sentence? {
        guard let context = results.decodeContexts.last else { return nil }
        return leading(
            "Decoding after \(SizeText.context(context)) tokens",
            values { row in row.decode.first { $0.context == context }?.tokensPerSecond }, lowerIsBetter: false, best: "is fastest",
            unit: " tokens/s", SizeText.rate)
    }

    /// Sizes are counted, not estimated: they need no interval.
    private var state: Sentence? {
        guard let context = results.decodeContexts.last, let start = results.decodeContexts.first else { return nil }
        let sizes = summaries.compactMap { summary in
            summary.stateBytes(at: context).map { (summary.model, [Double($0)]) }
        }
        guard sizes.count > 1 else { return nil }
        let place = "State after \(SizeText.context(context)) tokens"
        let leaders = Leaders(sizes, lowerIsBetter: true, areExact: true)
        func size(_ model: String) -> String { leaders[model].map { SizeText.bytes(Int($0.mean)) } ?? "–" }
        let last = leaders.entries[leaders.entries.count - 1].model
        var text: String
        switch leaders.verdict {
        case .clear(let first, _): text = "\(first) has the smallest, \(size(first)); \(last) the largest, \(size(last))."
        case .tied(let models) where models.count < leaders.entries.count:
            text = "\(Findings.list(models)) have the smallest, \(size(models[0])); \(last) the largest, \(size(last))."
        case .tied, .alone, .unknown: text = "all have \(size(last))."
        }
        let still = summaries.filter { $0.stateBytes(at: context) != nil && $0.stateBytes(at: context) == $0.stateBytes(at: start) }
        if start < context, !still.isEmpty {
            text += still.count == sizes.count
                ? " None grows with the context." : " It does not grow with the context in \(Findings.list(still.map(\.model)))."
        }
        return Sentence(topic: place, text: text)
    }

    private var memory: Sentence? {
        leading(
            "Memory in training", values { $0.peakMemoryBytes.map(Double.init) }, lowerIsBetter: true, best: "needs least", unit: ""
        ) { SizeText.bytes(Int($0)) }
    }

    private var failures: Sentence? {
        let failed = results.rows.filter { $0.status != .ok }
        if failed.isEmpty { return nil }
        let names = failed.reduce(into: [String]()) { if !$0.contains($1.model) { $0.append($1.model) } }
        return Sentence(
            topic: "Failures",
            text: "\(failed.count) of \(results.rows.count) runs failed, of \(Findings.list(names)); why is told under Every run.")
    }

    private func values(_ figure: (ResultRow) -> Double?) -> [(model: String, values: [Double])] {
        summaries.map { ($0.model, $0.finished.compactMap(figure)) }
    }

    private func leading(
        _ topic: String, _ values: [(model: String, values: [Double])], lowerIsBetter: Bool, best: String, unit: String,
        _ format: (Double) -> String
    ) -> Sentence? {
        let leaders = Leaders(values, lowerIsBetter: lowerIsBetter)
        func figure(_ model: String) -> String { Findings.text(leaders[model], format) + unit }
        let text: String
        switch leaders.verdict {
        case .clear(let first, let next): text = "\(first) \(best), \(figure(first)); next is \(next), \(figure(next))."
        case .tied(let models):
            text = "\(Findings.notApart(models)) (\(figure(models[0])) to \(figure(models[models.count - 1]))). More seeds would."
        case .alone: return nil
        case .unknown:
            guard leaders.entries.count > 1 else { return nil }
            let (first, last) = (leaders.entries[0].model, leaders.entries[leaders.entries.count - 1].model)
            text = """
                measured once each, so how much is chance is not known and none is called best. More seeds would tell: --seeds 3. \
                Seen: \(first) \(figure(first)) to \(last) \(figure(last)).
                """
        }
        return Sentence(topic: topic, text: text + Findings.unjudged(leaders))
    }

    private static func text(_ interval: MeanInterval?, _ format: (Double) -> String) -> String {
        guard let interval else { return "–" }
        return format(interval.mean) + (interval.halfWidth.map { $0 > 0 ? " ± \(format($0))" : "" } ?? "")
    }

    private static func unjudged(_ leaders: Leaders) -> String {
        let names = leaders.unjudged
        return names.isEmpty ? "" : " Not judged, with one run that ended well: \(list(names))."
    }

    private static func notApart(_ models: [String]) -> String {
        "the data do not tell \(list(models)) apart for the first place"
    }

    /// `a, b and c`; of many the first five.
    static func list(_ names: [String]) -> String {
        if names.count > 7 { return names.prefix(5).joined(separator: ", ") + " and \(names.count - 5) more" }
        guard names.count > 1, let last = names.last else { return names.first ?? "" }
        return names.dropLast().joined(separator: ", ") + " and " + last
    }
}
