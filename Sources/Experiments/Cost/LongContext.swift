import Foundation

/// What a context of a million tokens would cost a model: carried beyond what was measured, and given only where the growth is known.
public struct LongContext: Codable, Sendable, Equatable {
    /// Tokens that are looked at: 2²⁰.
    public static let tokens = 1 << 20

    /// Model id.
    public var model: String
    /// Of the saved session after that many tokens.
    public var stateBytes: Double?
    /// To read all of them.
    public var readingSeconds: Double?
    /// To write all of them, one after another.
    public var writingSeconds: Double?
    /// `readingSeconds` at the price; nil without a price.
    public var readingMoney: Double?
    /// `writingSeconds` at the price; nil without a price.
    public var writingMoney: Double?
    /// Why figures are missing.
    public var reasons: [String]

    enum CodingKeys: String, CodingKey {
        case model
        case stateBytes = "state_bytes"
        case readingSeconds = "reading_seconds"
        case writingSeconds = "writing_seconds"
        case readingMoney = "reading_money"
        case writingMoney = "writing_money"
        case reasons
    }

    /// From the laws of a model's curves.
    ///
    /// - Parameter pricePerHour: of the machine that they were measured on; nil: no money.
    public init(model: String, curves: [CostCurve], pricePerHour: Double?) {
        self.model = model
        let count = Double(LongContext.tokens)
        var reasons: [String] = []
        func law(_ metric: CostMetric) -> GrowthLaw? {
            guard let curve = curves.first(where: { $0.model == model && $0.metric == metric }), !curve.points.isEmpty else { return nil }
            let name = metric.title.prefix(1).lowercased() + metric.title.dropFirst()
            if curve.method == CostCurves.sampler {
                reasons.append("\(name): measured on a sampler, whose new tokens are not read one after another")
                return nil
            }
            guard let growth = curve.growth else {
                reasons.append("\(name): measured at \(curve.points.count) contexts, and a law needs three")
                return nil
            }
            guard growth.carriesOn else {
                let text = growth.exponent.width.isFinite ? ScalingText.interval(growth.exponent, places: 2) : "without an interval"
                reasons.append("\(name): the exponent is \(text), too vague to carry on")
                return nil
            }
            return growth
        }
        stateBytes = law(.state)?.value(at: count)
        readingSeconds = law(.reading)?.total(to: count)
        writingSeconds = law(.decoding)?.total(to: count)
        if let pricePerHour {
            readingMoney = readingSeconds.map { $0 / 3600 * pricePerHour }
            writingMoney = writingSeconds.map { $0 / 3600 * pricePerHour }
        }
        self.reasons = reasons
    }

    /// All keys are always there; what is not known is `null`.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(model, forKey: .model)
        try container.encode(stateBytes, forKey: .stateBytes)
        try container.encode(readingSeconds, forKey: .readingSeconds)
        try container.encode(writingSeconds, forKey: .writingSeconds)
        try container.encode(readingMoney, forKey: .readingMoney)
        try container.encode(writingMoney, forKey: .writingMoney)
        try container.encode(reasons, forKey: .reasons)
    }
}
