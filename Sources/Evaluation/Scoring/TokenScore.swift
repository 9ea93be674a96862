#if canImport(Glibc)
    import Glibc
#endif
import PluginHost
public import SequenceModel

/// What a model makes of rows of symbols that are given as they are.
public struct TokenScore: Sendable {
    /// Mean nats of a predicted symbol (every symbol but the first of its row); nil where nothing can be scored: rows of one
    /// symbol, rows that hold the mask, or a model without likelihood.
    public var nats: Double?
    /// What `nats` are; `.none` where the model has no likelihood.
    public var likelihood: Likelihood
    /// Of the mean nats in bits, over the keys of a bound.
    public var standardError: Double?
    /// Predicted symbols.
    public var symbolsScored: Int
    /// Network evaluations behind each row of each pass, as the model reports them; 0 where nothing was scored.
    public var samples: Int
    /// How a bound was estimated; empty when exact and where nothing was scored.
    public var estimator: String

    /// Mean bits of a predicted symbol; nil when `nats` is. Not bits per byte: what a symbol stands for is not known here.
    public var bitsPerSymbol: Double? { nats.map { $0 / log(2) } }

    /// Scores `rows`, each from a fresh state, `options.batch` rows in a call.
    public static func measure(
        _ model: any SequenceModel, rows: TokenRows, options: ScoringOptions = ScoringOptions()
    ) throws -> TokenScore {
        try options.validate()
        let description = model.description
        guard description.likelihood != .none, rows.length > 1, !rows.holdsMask else {
            return TokenScore(
                nats: nil, likelihood: description.likelihood, standardError: nil, symbolsScored: 0, samples: 0,
                estimator: "")
        }
        let inPlace = description.capabilities.contains(.targetsInPlace)
        let replicates = description.likelihood == .exact ? 1 : options.replicates
        let groups = Self.groups(rows.rows, of: options.batch)
        let scored = rows.rows * (rows.length - 1)
        let key = options.key.split("score tokens")
        var totals = [[Double]](repeating: [], count: groups.count)  // [groups, replicates]
        var samples = 1
        var estimator = ""
        for replicate in 0 ..< replicates {
            for (index, group) in groups.enumerated() {
                let batchKey = key.split(UInt64(replicate)).split(UInt64(index))
                let batch = Self.batch(rows, group: group, inPlace: inPlace, key: batchKey)
                let score = try model.score(batch, samples: options.samples)
                let windows = ScoringWindows(bytes: [], context: rows.length, inPlace: inPlace)
                let check = NatsCheck(description: description, windows: windows, group: group)
                totals[index].append(try check.total(score, of: batch))
                samples = score.samples
                estimator = score.estimator
            }
        }
        let spread = ReplicateSpread(totals)
        let isExact = description.likelihood == .exact
        return TokenScore(
            nats: spread.mean / Double(scored), likelihood: description.likelihood,
            standardError: isExact ? nil : spread.standardError.map { $0 / Double(scored) / log(2) },
            symbolsScored: scored, samples: samples, estimator: estimator)
    }

    /// Logits [B, T, V] of one evaluation on the rows as they are, `batch` rows in a call.
    public static func logits(_ model: any SequenceModel, rows: TokenRows, batch: Int) throws -> [Float] {
        let places = rows.length * model.shape.vocabulary
        var logits = [Float](repeating: .nan, count: rows.rows * places)  // [B, T, V]
        try logits.withUnsafeMutableBufferPointer { buffer in
            for group in groups(rows.rows, of: max(batch, 1)) {
                let part = UnsafeMutableBufferPointer(
                    rebasing: buffer[group.lowerBound * places ..< group.upperBound * places])
                let symbols = Array(rows.symbols[group.lowerBound * rows.length ..< group.upperBound * rows.length])
                try model.logits(Batch(rows: group.count, length: rows.length, tokens: symbols), into: part)
            }
        }
        return logits
    }

    private static func groups(_ rows: Int, of size: Int) -> [Range<Int>] {
        stride(from: 0, to: rows, by: size).map { $0 ..< min($0 + size, rows) }
    }

    private static func batch(_ rows: TokenRows, group: Range<Int>, inPlace: Bool, key: RandomKey) -> Batch {
        let tokens = Array(rows.symbols[group.lowerBound * rows.length ..< group.upperBound * rows.length])
        var targets = [Int32](repeating: -1, count: tokens.count)  // [B, T]
        for row in 0 ..< group.count {
            let begin = row * rows.length
            for position in 1 ..< rows.length {
                targets[begin + position - (inPlace ? 0 : 1)] = tokens[begin + position]
            }
        }
        return Batch(rows: group.count, length: rows.length, tokens: tokens, targets: targets, key: key)
    }
}
