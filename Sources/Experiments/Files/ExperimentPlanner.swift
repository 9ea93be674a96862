import Foundation
import PluginHost
import SequenceModel
import Training

/// Makes the plans of an experiment's comparisons: reads their texts and sizes their models, each once.
public struct ExperimentPlanner {
    let file: ExperimentFile
    let folder: String
    let candidates: [ComparisonPlanner.Candidate]
    let sizer: any ModelSizer
    let threads: Int
    let command: String
    let started: String
    let earlierMatches: (String, MatchTarget?) throws -> [String: MatchFigure]

    /// - Parameters:
    ///   - folder: where the experiment file lies: names of texts are relative to it.
    ///   - candidates: every model that the file names.
    ///   - sizer: asks the models how large they become.
    ///   - threads: of each run.
    ///   - command: makes the experiment again.
    ///   - started: ISO 8601, UTC.
    ///   - earlierMatches: what an earlier call found for the models of a comparison that are matched to a target.
    public init(
        _ file: ExperimentFile, folder: String, candidates: [ComparisonPlanner.Candidate], sizer: any ModelSizer,
        threads: Int, command: String, started: String,
        earlierMatches: @escaping (String, MatchTarget?) throws -> [String: MatchFigure] = { _, _ in [:] }
    ) {
        self.file = file
        self.folder = folder
        self.candidates = candidates
        self.sizer = CachingSizer(sizer)
        self.threads = threads
        self.command = command
        self.started = started
        self.earlierMatches = earlierMatches
    }

    /// The plans in the order of the file.
    ///
    /// - Parameter warn: told of settings that some models do not have and of text that is in two parts at once.
    /// - Throws: `ZooError` that says of every comparison that cannot be planned why; `.interrupted` at once.
    public func plan(warn: (String) -> Void = { _ in }) throws -> [PlannedComparison] {
        var texts: [[String]: Result<ComparisonText, any Error>] = [:]
        var planned: [PlannedComparison] = []
        var errors: [(name: String, error: ZooError)] = []
        var told: Set<String> = []
        func tell(_ text: String) { if told.insert(text).inserted { warn(text) } }
        for comparison in file.comparisons {
            do {
                // Tasks make their own rows.
                if !comparison.request.tasks.isEmpty {
                    planned.append(PlannedComparison(name: comparison.name, plan: try plan(comparison, nil, tell)))
                    continue
                }
                let split = comparison.request.training.split
                let key = comparison.files + ["/", split]
                let text = texts[key] ?? Result { try self.text(comparison.files, split: split) }
                if texts[key] == nil, let warning = (try? text.get())?.overlapWarning { tell(warning) }
                texts[key] = text
                planned.append(PlannedComparison(name: comparison.name, plan: try plan(comparison, text.get(), tell)))
            } catch let error as ZooError {
                if error.code == .interrupted { throw error }
                errors.append((comparison.name, error))
            }
        }
        guard let first = errors.first else { return planned }
        if file.comparisons.count == 1 { throw first.error }
        // A mistake in what all share is said once.
        if Set(errors.map(\.error.message)).count == 1, errors.count == file.comparisons.count { throw first.error }
        throw ZooError(
            first.error.code,
            "\(errors.count) of \(file.comparisons.count) comparisons cannot be made:"
                + errors.map { "\n  \($0.name): \($0.error.message)" }.joined(),
            hint: first.error.hint, cause: first.error)
    }

    private func text(_ files: [String], split: String) throws -> ComparisonText {
        let paths = files.map { $0.hasPrefix("/") ? $0 : (folder.isEmpty ? "." : folder) + "/" + $0 }
        let text = try ComparisonText(files: paths, split: SplitRule(split))
        guard !text.splits.validation.isEmpty, !text.splits.test.isEmpty else {
            throw ZooError(
                .data, "data.split \(split) leaves nothing to validate or to test on",
                hint: "a comparison needs three parts: split = \"90/5/5\"")
        }
        return text
    }

    private func plan(_ comparison: ExperimentComparison, _ text: ComparisonText?, _ warn: (String) -> Void) throws
        -> ComparisonPlan
    {
        try text?.splits.check(context: comparison.request.training.context)
        var request = comparison.request
        request.threads = threads
        request.earlierMatches = try earlierMatches(comparison.name, request.match)
        request.dataFiles = text?.paths ?? []
        let planner = ComparisonPlanner(
            sizer: sizer, request: request, data: try text?.summary ?? DataSummary(tasks: request.tasks), command: command,
            started: started)
        let models = try comparison.models.map { id in
            guard let candidate = candidates.first(where: { $0.description.id == id }) else {
                throw ZooError(.plugin, "no plugin brings a model \(id)", hint: "zoo list shows the models there are")
            }
            return candidate
        }
        return try planner.plan(models, warn: warn)
    }
}

/// Asks each model once for the same.
private final class CachingSizer: ModelSizer {
    private let sizer: any ModelSizer
    private var answers: [(request: SizingRequest, answer: SizingAnswer)] = []

    init(_ sizer: any ModelSizer) { self.sizer = sizer }

    func size(_ request: SizingRequest) throws -> SizingAnswer {
        if let known = answers.first(where: { $0.request == request }) { return known.answer }
        let answer = try sizer.size(request)
        answers.append((request, answer))
        return answer
    }
}
