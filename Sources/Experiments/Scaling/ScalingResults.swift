import Foundation
import PluginHost

/// `scaling.json`, schema 1: the runs of a scaling study, the laws fitted to them and how far these hold. All of it follows from the
/// results of the comparisons in the study's folder.
public struct ScalingResults: Codable, Sendable, Equatable {
    /// Version of `scaling.json` that this program writes.
    public static let currentSchema = 1

    /// A run without a loss.
    public struct Failure: Codable, Sendable, Equatable {
        /// Model id.
        public var model: String
        /// Parameters that were asked for.
        public var size: Int
        /// Tokens that it was to learn from; nil where minutes were the budget.
        public var tokens: Int?
        /// Of the run.
        public var seed: UInt64
        /// How it ended.
        public var status: RunStatus
        /// Why.
        public var detail: String
    }

    /// Version of the file that it was read from.
    public var schema: Int
    /// The command that makes the same study again.
    public var command: String
    /// Where the runs were made: seconds hold there and nowhere else.
    public var machine: MachineSummary
    /// The text of all runs.
    public var data: DataSummary
    /// T of all runs.
    public var context: Int
    /// B of all runs.
    public var batch: Int
    /// Parameters are counted without the tables of embeddings in every law.
    public var excludesEmbeddings: Bool
    /// Runs that ended well, by size, tokens, model and seed.
    public var points: [ScalingPoint]
    /// Runs that did not.
    public var failures: [Failure]
    /// In the order of the comparisons.
    public var models: [ModelScaling]
    /// What a reader must know, each in a sentence.
    public var warnings: [String]

    enum CodingKeys: String, CodingKey {
        case schema, command, machine, data, context, batch
        case excludesEmbeddings = "without_embeddings"
        case points, failures, models, warnings
    }

    /// Fits what the comparisons found.
    ///
    /// - Parameters:
    ///   - cells: a comparison for each size and token count, and its folder.
    ///   - replicates: laws of each bootstrap.
    /// - Throws: `ZooError` (`.data`) when there is none, or the comparisons have not the same text, context and batch.
    public init(
        _ cells: [(results: ComparisonResults, folder: ComparisonFolder)], replicates: Int = ScalingFit.defaultReplicates,
        excludingEmbeddings: Bool = false
    ) throws {
        guard let first = cells.first else {
            throw ZooError(.data, "there are no comparisons to fit", hint: "zoo scale MODEL --out DIR makes them")
        }
        for (results, folder) in cells {
            if results.data.sha256 != first.results.data.sha256 || results.data.splits != first.results.data.splits {
                throw ZooError(
                    .data, "\(folder.path) was made with another text than \(first.folder.path): their losses are not of one curve",
                    hint: "keep the comparisons of one text in a folder of their own")
            }
            for (name, here, there) in [
                ("context", results.budget.context, first.results.budget.context), ("batch", results.budget.batch, first.results.budget.batch),
            ] where here != there {
                throw ZooError(
                    .data, "\(folder.path) has \(name) \(here), \(first.folder.path) has \(there): their losses are not of one curve",
                    hint: "keep the comparisons of one \(name) in a folder of their own")
            }
        }
        schema = ScalingResults.currentSchema
        command = first.results.command
        machine = first.results.machine
        data = first.results.data
        context = first.results.budget.context
        batch = first.results.budget.batch
        excludesEmbeddings = excludingEmbeddings
        points = []
        failures = []
        var names: [String] = []
        for (results, folder) in cells {
            for row in results.rows {
                if !names.contains(row.model) { names.append(row.model) }
                let run = folder.run("\(row.model)-seed-\(row.seed)")
                if let point = ScalingPoint(row, budget: results.budget, folder: run) {
                    points.append(point)
                } else {
                    failures.append(
                        Failure(
                            model: row.model, size: results.budget.parameters, tokens: results.budget.tokens, seed: row.seed,
                            status: row.status, detail: row.status == .ok ? "has no likelihood" : row.detail))
                }
            }
        }
        let index = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
        points.sort {
            ($0.size, $0.tokens, index[$0.model] ?? 0, $0.seed) < ($1.size, $1.tokens, index[$1.model] ?? 0, $1.seed)
        }
        let all = points
        models = names.compactMap { name in
            let own = all.filter { $0.model == name }
            return own.isEmpty ? nil : ModelScaling(own, replicates: replicates, excludingEmbeddings: excludingEmbeddings)
        }
        warnings = ScalingResults.warnings(all, cells.map(\.results), models)
    }

    private static func warnings(
        _ points: [ScalingPoint], _ results: [ComparisonResults], _ models: [ModelScaling]
    ) -> [String] {
        var lines: [String] = []
        // Beyond about four times the text a token is worth less than a new one (Muennighoff et al. 2023, arXiv:2305.16264).
        let train = results.first?.data.splits.train ?? 0
        if train > 0, let most = points.map(\.tokens).max(), Double(most) > 4 * Double(train) {
            lines.append(
                "The longest runs read the \(SizeText.bytes(train)) of training text \(ScalingText.figure(Double(most) / Double(train))) times: beyond "
                    + "about four times, tokens are worth less than new ones, and the law does not know that.")
        }
        for model in models {
            let lowest = points.filter { $0.model == model.model }.map(\.loss).min() ?? 0
            if let interval = model.fit?.irreducible, interval.high < 0.01 * lowest {
                lines.append(
                    "\(model.model): E came out as 0: these runs are too short or too small to show where the loss comes to rest, and the exponents stand in for it.")
            }
        }
        if let best = results.first?.data.bestPossibleBitsPerByte {
            for model in models where model.likelihood == .exact {
                if let interval = model.fit?.irreducible, interval.low > best * log(2) * 1.02 {
                    lines.append(
                        "\(model.model): E is \(ScalingText.interval(interval, places: 3)), above the \(String(format: "%.3f", best * log(2))) nats a byte "
                            + "that the text is worth: this model comes to rest above it, or the law is steeper far out than where it was measured.")
                }
            }
        }
        if results.contains(where: { $0.machine != results[0].machine }) {
            lines.append("The comparisons were made on several machines, or with several thread counts: seconds are not comparable.")
        }
        return lines
    }

    /// Reads `scaling.json`. Throws `ZooError` (`.data`): a newer schema, or a file that is something else.
    public static func read(_ path: String) throws -> ScalingResults {
        let results = try JSONFile.read(ScalingResults.self, from: path)
        guard (1 ... currentSchema).contains(results.schema) else {
            throw ZooError(
                .data, "\(path) has schema \(results.schema); this version of zoo reads schema \(currentSchema)",
                hint: "use the version of zoo that wrote the file")
        }
        return results
    }
}
