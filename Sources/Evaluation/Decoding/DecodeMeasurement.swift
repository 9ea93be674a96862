public import SequenceModel

/// What it costs a model to write the next symbols at one context length: measured, never declared.
public struct DecodeMeasurement: Sendable, Equatable {
    /// Symbols that were read before the first timed one.
    public var context: Int
    /// New symbols a second for one row: the median of several blocks. nil with a `reason`.
    public var tokensPerSecond: Double?
    /// Symbols a second while the context was read; nil where a model does not read ahead.
    public var prefillTokensPerSecond: Double?
    /// Size of what `SequenceSession.save` wrote at this context; nil without sessions.
    public var stateBytes: Int?
    /// How the symbols were made; rates of different methods are different things.
    public var method: Method
    /// New symbols behind `tokensPerSecond`.
    public var tokensMeasured: Int
    /// Why a figure is missing, or how it came about when it is extrapolated.
    public var reason: String?

    /// Takes the values as they are; a missing rate should come with its `reason`.
    public init(
        context: Int, tokensPerSecond: Double? = nil, prefillTokensPerSecond: Double? = nil, stateBytes: Int? = nil,
        method: Method, tokensMeasured: Int = 0, reason: String? = nil
    ) {
        self.context = context
        self.tokensPerSecond = tokensPerSecond
        self.prefillTokensPerSecond = prefillTokensPerSecond
        self.stateBytes = stateBytes
        self.method = method
        self.tokensMeasured = tokensMeasured
        self.reason = reason
    }

    /// How the symbols were made. Raw values stand in `results.json`.
    public enum Method: String, Sendable {
        /// A session that keeps state.
        case session
        /// A session that keeps the text and computes all of it anew for each symbol.
        case recomputing
        /// The model's own sampler.
        case generation
        /// The model can neither.
        case none
    }

    /// Measures at each of `contexts`, within `options.budgetSeconds` each.
    ///
    /// Models with sessions read `context` symbols in chunks and are then timed on single symbols, each the most likely
    /// successor of what was read. Others run their sampler: `options.blockTokens` new symbols after `context` −
    /// `options.blockTokens` given ones; where the budget ends that, two or more whole steps are extrapolated to all, and the reason
    /// says so. A model that cannot take a context, or not in time, gets nil and the reason.
    ///
    /// - Throws: what the model throws, `.resourceExhausted` and `.unimplemented` excepted, which become reasons; and what `progress`
    ///   throws.
    public static func measure(
        _ model: any SequenceModel, contexts: [Int] = [256, 1024, 4096, 16384],
        options: DecodeOptions = DecodeOptions(),
        progress: (DecodeMeasurement) throws -> Void = { _ in }
    ) throws -> [DecodeMeasurement] {
        let capabilities = model.description.capabilities
        return try contexts.map { context in
            let measurement: DecodeMeasurement
            if capabilities.contains(.session) {
                measurement = try SessionTiming(model: model, context: context, options: options).measure()
            } else if capabilities.contains(.generates) {
                measurement = try GenerationTiming(model: model, context: context, options: options).measure()
            } else {
                measurement = DecodeMeasurement(
                    context: context, method: .none, reason: "\(model.description.id) neither decodes nor generates")
            }
            try progress(measurement)
            return measurement
        }
    }
}
