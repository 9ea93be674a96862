#if canImport(Glibc)
    import Glibc
#endif
import PluginHost
import SequenceModel

/// Answers of a model that reads in order, from its session: a piece of a row at a time, so that a row of any length fits.
struct SessionAnswers {
    let model: any SequenceModel
    /// Tokens of one append.
    private static let piece = 512

    func read(_ examples: [TaskExample], progress: () throws -> Void) throws -> TaskMeasurement.Answers {
        var result = TaskMeasurement.Answers()
        if model.description.likelihood != .none { result.nats = 0 }
        var logits = [Float](repeating: 0, count: model.shape.vocabulary)  // [V]
        for example in examples {
            let session = try model.openSession(rows: 1)
            var read = 0
            var right = 0
            let places = example.targets.indices.filter { example.targets[$0] >= 0 }
            for place in places {
                let rest = example.tokens[read ... place]
                try SessionAnswers.append(rest.dropLast(), to: session, progress: progress)
                try logits.withUnsafeMutableBufferPointer { try session.append([example.tokens[place]], logits: .last, into: $0) }
                read = place + 1
                let (symbol, total) = best(logits)
                let answer = Int(example.targets[place])
                right += symbol == answer ? 1 : 0
                if let nats = result.nats { result.nats = nats + total - Double(logits[answer]) }
            }
            result.asked += places.count
            result.right += right
            result.wholeRows += right == places.count ? 1 : 0
        }
        return result
    }

    /// The likeliest symbol and the logarithm of the sum of the exponentials.
    private func best(_ logits: [Float]) -> (symbol: Int, total: Double) {
        var best = 0
        let count = model.shape.alphabet
        for index in 1 ..< max(count, 1) where logits[index] > logits[best] { best = index }
        let top = Double(logits[best])
        return (best, top + log(logits[..<count].reduce(0) { $0 + exp(Double($1) - top) }))
    }

    /// Reads without asking.
    static func append(_ tokens: ArraySlice<Int32>, to session: any SequenceSession, progress: () throws -> Void = {}) throws {
        let nothing = UnsafeMutableBufferPointer<Float>(start: nil, count: 0)
        var rest = tokens
        while !rest.isEmpty {
            try session.append(Array(rest.prefix(piece)), logits: .none, into: nothing)
            rest = rest.dropFirst(piece)
            try progress()
        }
    }
}
