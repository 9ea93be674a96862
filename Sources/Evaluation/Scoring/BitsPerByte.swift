#if canImport(Glibc)
    import Glibc
#endif
import PluginHost
public import SequenceModel

/// How well a model predicts a text: bits per byte of the original bytes.
///
/// Every byte of the slice but its very first is predicted exactly once, from a fresh state at every window of
/// `context` bytes. The denominator is the number of predicted bytes, whatever symbols the model works on.
/// For a bound the whole slice is scored `replicates` times with independent keys; the standard error comes from the spread of
/// those replicates, never from the plugin.
public struct BitsPerByte: Sendable, Equatable {
    /// Mean nats of a predicted byte.
    public var nats: Double
    /// What `nats` are: a likelihood or an estimate of a bound. Never `.none`.
    public var likelihood: Likelihood
    /// Of `bitsPerByte`, over the keys of a bound; nil when the likelihood is exact.
    public var standardError: Double?
    /// Predicted bytes, each counted once.
    public var bytesScored: Int
    /// Of each pass: ⌈(bytes − 1) / T⌉.
    public var windows: Int
    /// Passes over the text behind the figure.
    public var replicates: Int
    /// Network evaluations behind each row of each pass, as the model reports them.
    public var samples: Int
    /// How a bound was estimated; empty when exact.
    public var estimator: String

    /// Mean bits of a predicted byte.
    public var bitsPerByte: Double { nats / log(2) }

    /// Scores `bytes` under the bound parameters of `model`.
    ///
    /// - Parameters:
    ///   - bytes: the slice of the original file.
    ///   - options: window length, rows in a call and, for bounds, how much to spend.
    ///   - progress: called after each call into the model with the windows done and their total, over all replicates; what it
    ///     throws stops the measurement.
    /// - Throws: `ZooError` `.data` for a slice with fewer than two bytes, bytes outside the model's alphabet or a window that the
    ///   model cannot take; `.plugin` for a model without likelihood or nats that cannot be; and what the model throws.
    /// - Complexity: replicates × ⌈(bytes − 1) / context⌉ rows of `context` tokens.
    public static func measure(
        _ model: any SequenceModel, bytes: ArraySlice<UInt8>, options: ScoringOptions = ScoringOptions(),
        progress: (_ done: Int, _ total: Int) throws -> Void = { _, _ in }
    ) throws -> BitsPerByte {
        let description = model.description
        guard description.likelihood != .none else {
            throw ZooError(
                .plugin, "\(description.id) has no likelihood: bits per byte do not exist for it",
                hint: "zoo generate shows what it makes")
        }
        try options.validate()
        let windows = try checkedWindows(model, bytes: bytes, context: options.context)
        let groups = windows.groups(of: options.batch)
        let replicates = description.likelihood == .exact ? 1 : options.replicates
        let key = options.key.split("score")

        var totals = [[Double]](repeating: [], count: groups.count)  // [groups, replicates]
        var samples = 1
        var estimator = ""
        var done = 0
        for replicate in 0 ..< replicates {
            let replicateKey = key.split(UInt64(replicate))
            for (index, group) in groups.enumerated() {
                let batch = windows.batch(group, key: replicateKey.split(UInt64(index)))
                let score = try model.score(batch, samples: options.samples)
                let check = NatsCheck(description: description, windows: windows, group: group)
                totals[index].append(try check.total(score, of: batch))
                samples = score.samples
                estimator = score.estimator
                done += group.count
                try progress(done, windows.count * replicates)
            }
        }

        let spread = ReplicateSpread(totals)
        let nats = spread.mean / Double(windows.scored)
        let standardError = spread.standardError.map { $0 / Double(windows.scored) / log(2) }
        return BitsPerByte(
            nats: nats, likelihood: description.likelihood,
            standardError: description.likelihood == .exact ? nil : standardError, bytesScored: windows.scored,
            windows: windows.count, replicates: replicates, samples: samples, estimator: estimator)
    }

    /// The windows of a text, which the model can take. Throws as `measure` does.
    static func checkedWindows(
        _ model: any SequenceModel, bytes: ArraySlice<UInt8>, context: Int
    ) throws -> ScoringWindows {
        let id = model.description.id
        guard bytes.count >= 2 else {
            throw ZooError(
                .data,
                "\(bytes.count) bytes to score; at least 2 are needed: the first is context, the rest are predicted")
        }
        let shape = model.shape
        let inPlace = model.description.capabilities.contains(.targetsInPlace)
        let windows = ScoringWindows(bytes: bytes, context: context, inPlace: inPlace)
        let length = min(context, windows.scored) + (inPlace ? 1 : 0)
        if let limit = shape.maximumTokens, length > limit {
            throw ZooError(
                .usage, "a window of \(context) bytes is \(length) tokens for \(id), which takes at most \(limit)",
                hint: "--context \(inPlace ? limit - 1 : limit)")
        }
        if shape.alphabet < 256, let offset = bytes.firstIndex(where: { Int($0) >= shape.alphabet }) {
            throw ZooError(
                .data,
                "byte \(bytes[offset]) at offset \(offset - bytes.startIndex) is not in the alphabet of \(id): "
                    + "0 to \(shape.alphabet - 1)")
        }
        return windows
    }
}
