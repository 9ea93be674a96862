import PluginHost

/// What the runs of one model say of how it scales.
public struct ModelScaling: Codable, Sendable, Equatable {
    /// The law with its intervals, and how the runs lie about it.
    public struct Fit: Codable, Sendable, Equatable {
        /// Of all runs.
        public var law: ScalingLaw
        /// E
        public var irreducible: Interval?
        /// A; nil where the bootstrap overflows.
        public var parameterFactor: Interval?
        /// α
        public var parameterExponent: Interval?
        /// B; nil where the bootstrap overflows.
        public var tokenFactor: Interval?
        /// β
        public var tokenExponent: Interval?
        /// Of each run, in the order of the study's points of this model: log of the loss less log of the law.
        public var residuals: [Double]
        /// Root of their mean square.
        public var spread: Double
        /// Configurations behind it.
        public var configurations: Int
        /// Runs behind it.
        public var runs: Int
        /// Laws of the bootstrap.
        public var replicates: Int
        /// Local minima that the starts led to.
        public var minima: Int
        /// Why the law must not be carried beyond what was measured; empty when nothing speaks against it.
        public var objections: [String]

        enum CodingKeys: String, CodingKey {
            case law
            case irreducible = "E_interval"
            case parameterFactor = "A_interval"
            case parameterExponent = "alpha_interval"
            case tokenFactor = "B_interval"
            case tokenExponent = "beta_interval"
            case residuals, spread, configurations, runs, replicates, minima, objections
        }

        init(_ fit: ScalingFit) {
            law = fit.law
            irreducible = fit.interval(\.irreducible)
            parameterFactor = fit.interval(\.parameterFactor)
            parameterExponent = fit.interval(\.parameterExponent)
            tokenFactor = fit.interval(\.tokenFactor)
            tokenExponent = fit.interval(\.tokenExponent)
            residuals = fit.residuals
            spread = fit.spread
            configurations = fit.configurations
            runs = fit.points.count
            replicates = fit.replicates.count
            minima = fit.minima
            objections = fit.objections
        }
    }

    /// Model id.
    public var model: String
    /// Laws of bounds and of exact likelihoods are not comparable.
    public var likelihood: LikelihoodKind
    /// nil with `refusal`.
    public var fit: Fit?
    /// Why there is no fit.
    public var refusal: String?
    /// What to do about it.
    public var hint: String?
    /// By operations; nil without a fit.
    public var operations: ScalingFrontier?
    /// By seconds of training on this machine; nil without a fit, or when the seconds of the runs follow no power law.
    public var seconds: ScalingFrontier?
    /// The most expensive runs, left out and predicted.
    public var holdOut: HoldOut?
    /// Why nothing was left out.
    public var holdOutRefusal: String?
    /// Cheapest first.
    public var profiles: [IsoOperationsProfile]

    enum CodingKeys: String, CodingKey {
        case model, likelihood, fit, refusal, hint, operations, seconds
        case holdOut = "held_out"
        case holdOutRefusal = "held_out_refusal"
        case profiles
    }

    /// Fits and tests; what cannot be done is said in the results and thrown nowhere.
    ///
    /// - Parameter points: all of `model`, not empty.
    public init(_ points: [ScalingPoint], replicates: Int, excludingEmbeddings: Bool = false) {
        model = points.first?.model ?? ""
        likelihood = points.first?.likelihood ?? .none
        profiles = IsoOperationsProfile.all(points.filter { $0.loss > 0 && $0.loss.isFinite })
        do {
            let fit = try ScalingFit(points, replicates: replicates, excludingEmbeddings: excludingEmbeddings)
            self.fit = Fit(fit)
            operations = ScalingFrontier(fit, unit: .operations, cost: .operations)
            let timed = points.compactMap { point in
                point.seconds.flatMap { seconds in
                    ScalingFit.parameters(point, excludingEmbeddings: excludingEmbeddings).map {
                        (parameters: $0, tokens: Double(point.tokens), cost: seconds)
                    }
                }
            }
            seconds = CostLaw(timed).map { ScalingFrontier(fit, unit: .seconds, cost: $0) }
        } catch {
            refusal = error.message
            hint = error.hint
            return
        }
        do {
            holdOut = try HoldOut(points, replicates: replicates, excludingEmbeddings: excludingEmbeddings)
        } catch {
            holdOutRefusal = error.message
        }
    }
}
