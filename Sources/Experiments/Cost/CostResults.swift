/// What `zoo bench cost` found, schema 1: figures of each model at each context, and what follows from them.
public struct CostResults: Codable, Sendable, Equatable {
    /// Version that this program writes.
    public static let currentSchema = 1

    /// A model and its figures.
    public struct Model: Codable, Sendable, Equatable {
        /// Model id.
        public var model: String
        /// Counted by the host; nil when the plugin gave no configuration.
        public var parameters: Int?
        /// The full configuration; an empty object when the plugin gave none.
        public var config: ConfigurationJSON
        /// Training, then decoding, contexts rising; empty when the plugin gave no configuration.
        public var figures: [CostFigure]
        /// Why the plugin gave no configuration; empty when it did.
        public var detail: String

        /// Takes the values as they are.
        public init(model: String, parameters: Int?, config: ConfigurationJSON, figures: [CostFigure], detail: String = "") {
            self.model = model
            self.parameters = parameters
            self.config = config
            self.figures = figures
            self.detail = detail
        }
    }

    /// Version of the document.
    public var schema: Int
    /// Where it was measured.
    public var machine: MachineSummary
    /// Parameters that were asked for.
    public var parameters: Int
    /// Of an hour of that machine; nil: money was not asked for.
    public var pricePerHour: Double?
    /// In the order of the command.
    public var models: [Model]
    /// What follows from the figures.
    public var analysis: CostCurves

    enum CodingKeys: String, CodingKey {
        case schema, machine, parameters
        case pricePerHour = "price_per_hour"
        case models, analysis
    }

    /// Fits growth and looks for crossovers.
    public init(machine: MachineSummary, parameters: Int, pricePerHour: Double?, models: [Model]) {
        schema = CostResults.currentSchema
        self.machine = machine
        self.parameters = parameters
        self.pricePerHour = pricePerHour
        self.models = models
        analysis = CostCurves(models.flatMap(CostResults.curves), pricePerHour: pricePerHour)
    }

    private static func curves(_ model: Model) -> [CostCurve] {
        func curve(
            _ metric: CostMetric, _ kind: CostRequest.Kind, method: String = "", showsGaps: Bool = false, _ value: (CostFigure) -> Double?
        ) -> CostCurve {
            let own = model.figures.filter { $0.kind == kind }
            return CostCurve(
                model: model.model, metric: metric, method: method,
                points: own.compactMap { figure in value(figure).map { .init(context: figure.context, value: $0) } },
                gaps: showsGaps ? own.filter { value($0) == nil && !$0.reason.isEmpty }.map { .init(context: $0.context, reason: $0.reason) } : [])
        }
        let isSampler = model.figures.contains { $0.method == "generation" }
        let method = isSampler ? CostCurves.sampler : CostCurves.tokenByToken
        return [
            curve(.training, .training, showsGaps: true, \.secondsPerToken),
            curve(.trainingMemory, .training) { $0.peakMemoryBytes.map(Double.init) },
            curve(.decoding, .decoding, method: method, showsGaps: true, \.secondsPerToken),
            curve(.reading, .decoding, method: method, \.readingSecondsPerToken),
            curve(.state, .decoding) { $0.stateBytes.map(Double.init) },
            curve(.decodingMemory, .decoding, method: method) { $0.peakMemoryBytes.map(Double.init) },
        ]
    }
}
