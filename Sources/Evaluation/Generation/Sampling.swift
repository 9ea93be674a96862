#if canImport(Glibc)
    import Glibc
#endif
public import SequenceModel
import PluginHost

/// How the next symbol is drawn from logits: temperature, then top-k, then top-p, the order of Hugging Face's `generate`.
public struct Sampling: Sendable, Equatable {
    /// 0: the most likely symbol (the first of equals).
    public var temperature: Double
    /// Only the k largest logits, and those equal to the smallest of them; nil: all.
    public var topK: Int?
    /// Only the smallest set of the most likely symbols whose probabilities reach p; nil: all.
    /// Source: nucleus sampling, Holtzman et al. 2020, arXiv:1904.09751.
    public var topP: Double?

    /// Throws `ZooError` `.usage` for values out of range.
    public init(temperature: Double = 1, topK: Int? = nil, topP: Double? = nil) throws {
        guard temperature >= 0, temperature.isFinite else {
            throw ZooError(.usage, "temperature is \(temperature); it must be 0 or more")
        }
        if let topK, topK < 1 { throw ZooError(.usage, "top-k is \(topK); it must be at least 1") }
        if let topP, !(topP > 0 && topP <= 1) {
            throw ZooError(.usage, "top-p is \(topP); it must be above 0 and at most 1")
        }
        self.temperature = temperature
        self.topK = topK
        self.topP = topP
    }

    /// The distribution that `draw` draws from, in double precision.
    ///
    /// - Parameter logits: [V], not NaN; minus infinity means impossible.
    /// - Returns: [V], sums to 1.
    /// - Complexity: O(V log V)
    public func probabilities(_ logits: some Collection<Float>) -> [Double] {
        var scores = logits.map(Double.init)  // [V]
        guard let largest = scores.indices.max(by: { scores[$0] < scores[$1] || (scores[$0] == scores[$1] && $0 > $1) })
        else { return [] }
        guard temperature > 0, scores[largest].isFinite else {
            return scores.indices.map { $0 == largest ? 1 : 0 }
        }
        let maximum = scores[largest]
        for index in scores.indices { scores[index] = (scores[index] - maximum) / temperature }
        if let topK, topK < scores.count {
            let smallest = scores.sorted(by: >)[topK - 1]
            for index in scores.indices where scores[index] < smallest { scores[index] = -.infinity }
        }
        var weights = normalised(scores.map(exp))  // [V]
        if let topP, topP < 1 { weights = nucleus(weights, topP) }
        return weights
    }

    /// Draws a symbol; one number of the stream for each, whatever the options.
    public func draw(_ logits: some Collection<Float>, from stream: inout RandomStream) -> Int32 {
        let threshold = stream.uniform()
        let weights = probabilities(logits)
        var sum = 0.0
        var last = 0
        for (symbol, weight) in weights.enumerated() where weight > 0 {
            sum += weight
            last = symbol
            if threshold < sum { return Int32(symbol) }
        }
        return Int32(last)
    }

    /// Removes, from the least likely on, what together has at most 1 − p; the most likely always stays.
    private func nucleus(_ weights: [Double], _ p: Double) -> [Double] {
        var kept = weights
        let ascending = weights.indices.sorted { weights[$0] < weights[$1] || (weights[$0] == weights[$1] && $0 > $1) }
        var sum = 0.0
        for index in ascending.dropLast() {
            sum += weights[index]
            if sum > 1 - p { break }
            kept[index] = 0
        }
        return normalised(kept)
    }

    private func normalised(_ weights: [Double]) -> [Double] {
        let sum = weights.reduce(0, +)
        return weights.map { $0 / sum }
    }
}
