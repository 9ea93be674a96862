import Foundation
public import PluginHost
import SequenceModel

/// A scaling law fitted to runs, and how far it is known.
///
/// Intervals come from a bootstrap of residuals over configurations: sizes and token counts were chosen and stay as they are; what is
/// drawn anew is by how much the mean of each configuration misses the law, and by how much each seed misses that mean. Drawing whole configurations
/// with replacement, as one would with points that came by chance, leaves in a grid of three by three one sample in four without a third size, and
/// the exponents of such samples mean nothing.
public struct ScalingFit: Sendable {
    /// Numbers that are fitted.
    static let unknowns = 5
    /// Laws of the bootstrap.
    public static let defaultReplicates = 1000

    /// Of all runs.
    public let law: ScalingLaw
    /// Of the bootstrap, in the order drawn.
    public let replicates: [ScalingLaw]
    /// What it was fitted to.
    public let points: [ScalingPoint]
    /// Of each point, log of the loss less log of the law.
    public let residuals: [Double]
    /// Configurations.
    public let configurations: Int
    /// Draws of the mean residual of a new configuration of as many seeds, one for each replicate: what a prediction has to allow for besides the law.
    let noise: [Double]
    /// Local minima that the starts led to.
    public let minima: Int
    /// Parameters are counted without the tables of embeddings.
    public let excludesEmbeddings: Bool

    /// N of a point, as the fit counts it; nil where it is not known.
    static func parameters(_ point: ScalingPoint, excludingEmbeddings: Bool) -> Double? {
        guard excludingEmbeddings else { return Double(point.parameters) }
        return point.embeddingParameters.map { Double(point.parameters - $0) }.flatMap { $0 > 0 ? $0 : nil }
    }

    /// - Parameters:
    ///   - points: of one model.
    ///   - replicates: laws of the bootstrap, at least 20.
    ///   - seed: of the bootstrap. The same points and seed give the same bits.
    /// - Throws: `ZooError` (`.data`) that says what is missing when the points do not determine a law.
    /// - Complexity: O(points · (starts + replicates))
    public init(
        _ points: [ScalingPoint], replicates: Int = defaultReplicates, seed: UInt64 = 0, excludingEmbeddings: Bool = false
    ) throws(ZooError) {
        let counted = points.compactMap { point in
            ScalingFit.parameters(point, excludingEmbeddings: excludingEmbeddings).map {
                (parameters: $0, tokens: Double(point.tokens), loss: point.loss)
            }
        }
        guard counted.count == points.count else {
            throw ZooError(
                .data, "how many parameters are embeddings is not known of \(points.count - counted.count) of \(points.count) runs",
                hint: "leave --without-embeddings out, or keep the run folders with their model.safetensors")
        }
        if let problem = ScalingFit.problem(points) { throw ZooError(.data, problem.text, hint: problem.hint) }
        let objective = ScalingObjective(counted)
        let minima = objective.minima(from: objective.starts)
        guard let best = minima.first else {
            throw ZooError(.data, "no start of the fit came to an end: the losses are no curve of this form")
        }
        law = objective.law(best.point)
        guard law.isFinite else {
            throw ZooError(
                .data, "the fit ran away (α = \(best.point[2]), β = \(best.point[4])): one size or one token count alone differs from all others",
                hint: "more values of --sizes or --tokens between the smallest and the next")
        }
        self.points = points
        self.minima = minima.count
        excludesEmbeddings = excludingEmbeddings
        let fitted = objective.predictions(best.point)
        let residuals = zip(objective.losses, fitted).map { $0 - $1 }
        self.residuals = residuals
        let draws = ResidualDraws(points: points, residuals: residuals, unknowns: ScalingFit.unknowns)
        configurations = draws.configurations
        var stream = RandomKey(seed: seed).split("scaling").stream
        var laws: [ScalingLaw] = []
        var noise: [Double] = []
        // From the fit itself and from what else was found: a sample may prefer another of the minima.
        let starts = minima.prefix(3).map(\.point)
        for _ in 0 ..< max(replicates, 20) {
            var sample = objective
            sample.losses = zip(fitted, draws.sample(&stream)).map { $0 + $1 }
            noise.append(draws.newConfiguration(&stream))
            if let found = sample.minima(from: starts, keeping: 1).first { laws.append(sample.law(found.point)) }
        }
        self.replicates = laws
        self.noise = Array(noise.prefix(laws.count))
        guard laws.count >= 20 else {
            throw ZooError(.data, "the bootstrap found no laws: the losses are no curve of this form")
        }
    }

    /// What keeps the points from determining a law; nil when nothing does.
    static func problem(_ points: [ScalingPoint]) -> (text: String, hint: String)? {
        if let bad = points.first(where: { !($0.loss > 0 && $0.loss.isFinite) || $0.parameters < 1 || $0.tokens < 1 }) {
            return (
                "a run of \(bad.cell.text) has the loss \(bad.loss); a fit takes numbers over 0", "leave the run out"
            )
        }
        let sizes = Set(points.map(\.size)).count
        let tokens = Set(points.map(\.tokens)).count
        let cells = Set(points.map(\.cell)).count
        if sizes < 3 || tokens < 3 {
            let option = sizes < 3 ? "--sizes" : "--tokens"
            return (
                "\(sizes) \(sizes == 1 ? "size" : "sizes") and \(tokens) \(tokens == 1 ? "token count" : "token counts") ended well; "
                    + "E + A/N^α + B/D^β has five unknowns and needs at least three of each",
                "the same command with more values of \(option) runs only what is new"
            )
        }
        if cells <= unknowns {
            return (
                "\(cells) configurations ended well; E + A/N^α + B/D^β has five unknowns, and with fewer than six configurations nothing would be left to "
                    + "judge the fit by", "the same command with more values of --sizes or --tokens runs only what is new"
            )
        }
        let losses = points.map(\.loss)
        if let low = losses.min(), let high = losses.max(), high - low <= 1e-9 * high {
            return ("all \(points.count) losses are equal: there is nothing to fit", "check the data and the budget of the runs")
        }
        return nil
    }

    /// A figure of the law with its interval; nil where it is not finite.
    public func interval(_ figure: (ScalingLaw) -> Double) -> Interval? {
        Interval(figure(law), replicates: replicates.map(figure))
    }

    /// The loss that a new configuration would have, with an interval that allows for what the law is not known by and for how far
    /// configurations lie off it.
    public func prediction(parameters: Double, tokens: Double) -> Interval? {
        let values = zip(replicates, noise).map { $0.loss(parameters: parameters, tokens: tokens) * exp($1) }
        return Interval(law.loss(parameters: parameters, tokens: tokens), replicates: values)
    }

    /// Root of the mean square of the residuals: 0.01 is a per cent of the loss.
    public var spread: Double {
        (residuals.reduce(0) { $0 + $1 * $1 } / Double(max(residuals.count, 1))).squareRoot()
    }
}
