import Foundation

extension ScalingFit {
    /// An exponent whose interval spans more than this factor says nothing about other sizes.
    static let largestExponentRatio = 4.0
    /// A share between size and text whose interval is wider than this allows nearly every split.
    static let widestShare = 0.5
    /// A predicted loss whose interval is wider than this part of it is no prediction.
    static let widestPrediction = 0.1

    /// Why the law must not be carried beyond what was measured, each in a sentence; empty when nothing speaks against it.
    public var objections: [String] {
        var result: [String] = []
        let exponents: [(String, String, (ScalingLaw) -> Double)] = [
            ("α", "size", \.parameterExponent), ("β", "text", \.tokenExponent),
        ]
        for (name, what, figure) in exponents {
            guard let interval = interval(figure) else {
                result.append("\(name) has no finite interval: how the loss falls with \(what) is not known")
                continue
            }
            let text = "\(name) is \(ScalingText.interval(interval, places: 2))"
            if interval.low <= 0 {
                result.append("\(text), not told apart from 0: how the loss falls with \(what) is not known")
            } else if interval.high > ScalingFit.largestExponentRatio * interval.low {
                result.append("\(text), known only within a factor of \(ScalingText.figure(interval.high / interval.low)); needed: \(Int(ScalingFit.largestExponentRatio))")
            }
        }
        if result.isEmpty {
            if let share = interval({ $0.growth(cost: .operations).size }), share.width <= ScalingFit.widestShare { return [] }
            let text = interval { $0.growth(cost: .operations).size }.map { ScalingText.interval($0, places: 2) } ?? "not known"
            result.append("the exponent of the best size is \(text): the interval allows nearly every split of a budget between size and text")
        }
        return result
    }

    /// Whether a size and a token count lie in the ranges that were measured, with 5 % for sizes that are met that closely.
    func isMeasured(parameters: Double, tokens: Double) -> Bool {
        let sizes = points.compactMap { ScalingFit.parameters($0, excludingEmbeddings: excludesEmbeddings) }
        let texts = points.map { Double($0.tokens) }
        guard let least = sizes.min(), let most = sizes.max(), let short = texts.min(), let long = texts.max() else { return false }
        return parameters >= least / 1.05 && parameters <= most * 1.05 && tokens >= short / 1.05 && tokens <= long * 1.05
    }
}
