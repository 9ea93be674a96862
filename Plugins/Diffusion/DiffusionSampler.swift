import Glibc
import SequenceModel

/// Fills in the hidden positions of a text over several steps. Probabilities are taken in double precision: in single, Gumbel or
/// cumulative sampling lowers the temperature (Zheng et al. 2024, arXiv:2409.02908).
struct DiffusionSampler {
    enum Kind: String, CaseIterable {
        /// Going from time t to s, each hidden position is revealed with probability (t − s) / t (MDLM, arXiv:2406.07524, equation 6).
        case ancestral
        /// Each step reveals the positions that the model is surest of (LLaDA, arXiv:2502.09992, low-confidence remasking).
        case confidence
        /// Each step reveals positions drawn without regard to what is there. One at a time this is the first-hitting sampler: what ancestral
        /// sampling in infinitely many steps gives, without the steps in which nothing happens (Zheng et al. 2024, arXiv:2409.02908).
        case firstHitting = "first-hitting"

        /// Evaluations for `hidden` symbols when nobody says.
        func usualSteps(_ hidden: Int) -> Int { self == .firstHitting ? hidden : max(1, (hidden + 1) / 2) }
    }

    var kind: Kind
    /// 0: the most likely symbol.
    var temperature: Double
    let mask: Int32
    var stream: RandomStream

    /// Reveals all of `hidden`, positions of `text`, within `steps` evaluations.
    ///
    /// - Parameters:
    ///   - logits: logits [positions, alphabet] of a text at some of its hidden positions.
    ///   - report: called at the start of each step, and with the text after it; false stops with `.cancelled`.
    mutating func fill(
        _ text: inout [Int32], hidden: [Int], steps: Int, firstStep: Int, allSteps: Int,
        logits: (_ text: [Int32], _ positions: [Int]) throws -> [Float], report: (GenerationEvent) -> Bool
    ) throws {
        guard let first = hidden.first, let last = hidden.last else { return }
        var left = hidden
        var cached: [Float]?
        for step in 0 ..< steps where !left.isEmpty {
            try tell(report, .step(index: firstStep + step, count: allSteps))
            // Nothing was revealed since the last evaluation: its logits still hold.
            let values = try cached ?? logits(text, left)
            let revealed = choose(values, left, step: step, steps: steps, all: hidden.count)
            cached = revealed.isEmpty ? values : nil
            for (place, symbol) in revealed { text[left[place]] = symbol }
            left.removeAll { text[$0] != mask }
            if !revealed.isEmpty {
                try tell(report, .replace(begin: first, symbols: Array(text[first ... last])))
            }
        }
    }

    private func tell(_ report: (GenerationEvent) -> Bool, _ event: GenerationEvent) throws {
        guard report(event) else { throw SequenceModelError(.cancelled, "stopped by the receiver") }
    }

    /// Places in `left` that are revealed now, with their symbols.
    private mutating func choose(
        _ logits: [Float], _ left: [Int], step: Int, steps: Int, all: Int
    ) -> [(place: Int, symbol: Int32)] {
        let alphabet = logits.count / left.count
        let isLast = step == steps - 1
        func row(_ place: Int) -> ArraySlice<Float> { logits[place * alphabet ..< (place + 1) * alphabet] }
        switch kind {
        case .ancestral:
            let probability = 1 / Double(steps - step)  // (t − s) / t for equal steps from 1 to 0
            return left.indices.compactMap { place in
                guard stream.uniform() < probability || isLast else { return nil }
                return (place, sample(row(place)).symbol)
            }
        case .firstHitting:
            var places = Array(left.indices)
            let count = isLast ? left.count : max(0, all * (step + 1) / steps - (all - left.count))
            for index in 0 ..< count { places.swapAt(index, index + stream.index(below: places.count - index)) }
            return places.prefix(count).map { ($0, sample(row($0)).symbol) }
        case .confidence:
            let target = all * (step + 1) / steps  // revealed after this step
            let count = max(0, target - (all - left.count))
            let guesses = left.indices.map { (place: $0, guess: sample(row($0))) }
            return guesses.sorted { ($0.guess.probability, $1.place) > ($1.guess.probability, $0.place) }
                .prefix(isLast ? left.count : count).map { ($0.place, $0.guess.symbol) }
        }
    }

    /// A symbol and the probability that the model (at temperature 1) gives it.
    private mutating func sample(_ logits: ArraySlice<Float>) -> (symbol: Int32, probability: Double) {
        let values = logits.map(Double.init)
        let top = values.max() ?? 0
        let total = values.reduce(0) { $0 + exp($1 - top) }
        func probability(_ index: Int) -> Double { exp(values[index] - top) / total }
        if temperature <= 0 {
            let best = values.firstIndex(of: top) ?? 0
            return (Int32(best), probability(best))
        }
        let weights = values.map { exp(($0 - top) / temperature) }
        var rest = stream.uniform() * weights.reduce(0, +)
        for (index, weight) in weights.enumerated() {
            rest -= weight
            if rest < 0 { return (Int32(index), probability(index)) }
        }
        return (Int32(values.count - 1), probability(values.count - 1))
    }
}
