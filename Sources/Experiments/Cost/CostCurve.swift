/// One cost of one model against context.
public struct CostCurve: Codable, Sendable, Equatable {
    /// A measured value.
    public struct Point: Codable, Sendable, Equatable {
        /// Tokens.
        public var context: Int
        /// Seconds or bytes.
        public var value: Double

        /// `context` and `value` are over 0.
        public init(context: Int, value: Double) {
            self.context = context
            self.value = value
        }
    }

    /// A context without a value.
    public struct Gap: Codable, Sendable, Equatable {
        /// Tokens.
        public var context: Int
        /// Why.
        public var reason: String
    }

    /// Model id.
    public var model: String
    /// What was measured.
    public var metric: CostMetric
    /// How the values came about: only those of one kind are compared. `token by token`, `sampler`, or empty.
    public var method: String
    /// Contexts rising; values over 0.
    public var points: [Point]
    /// Contexts rising.
    public var gaps: [Gap]
    /// nil for fewer than three points.
    public var growth: GrowthLaw?

    /// Drops values that are not over 0, sorts by context.
    public init(model: String, metric: CostMetric, method: String = "", points: [Point], gaps: [Gap] = []) {
        self.model = model
        self.metric = metric
        self.method = method
        self.points = points.filter { $0.context > 0 && $0.value > 0 && $0.value.isFinite }.sorted { $0.context < $1.context }
        self.gaps = gaps.sorted { $0.context < $1.context }
        growth = GrowthLaw(self.points.map { ($0.context, $0.value) })
    }
}
