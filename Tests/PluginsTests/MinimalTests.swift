import PluginHost
import SequenceModel
import Testing

/// The architecture to copy must be an honest one: causal, differentiated right, steppable, and it learns.
@Suite struct MinimalTests {
    private let configuration = #"{"vocab_size":13,"hidden_size":16,"intermediate_size":24,"num_hidden_layers":3,"conv_kernel":3}"#

    private func open(_ scalar: TensorView.Scalar = .float32) throws -> BoundModel {
        try BoundModel(PluginLibrary.factory("Minimal", "minimal"), JSONParser.parse(configuration), scalar: scalar)
    }

    @Test func itsReachIsWhatTheCardSays() throws {
        let model = try open()
        var tokens = someTokens(30, below: 13)
        let before = try model.logits(tokens, rows: 1)
        tokens[10] = (tokens[10] + 1) % 13
        let after = try model.logits(tokens, rows: 1)
        let changed = (0 ..< 30).filter { before[$0 * 13 ..< ($0 + 1) * 13] != after[$0 * 13 ..< ($0 + 1) * 13] }
        // 1 + layers · (kernel − 1) symbols see it, from its own place on.
        #expect(changed == Array(10 ..< 10 + 1 + 3 * 2))
    }

    @Test func gradientsAreTheSlopesOfTheLoss() throws {
        let model = try open(.float64)
        let batch = Batch(
            rows: 2, length: 9, tokens: someTokens(18, below: 13), targets: someTokens(18, below: 13, seed: 8))
        _ = try model.model.lossAndGradient(batch)
        let step = 1e-6
        for index in model.memory.ownIndices {
            guard let values = model.memory.views[index].doubles else { continue }
            let slopes = try model.gradient(index)
            for place in stride(from: 0, to: values.count, by: max(1, values.count / 6)) {
                let kept = values[place]
                values[place] = kept + step
                let above = try model.model.loss(batch)
                values[place] = kept - step
                let below = try model.model.loss(batch)
                values[place] = kept
                let slope: Double = (above - below) / (2 * step)
                #expect(abs(slope - slopes[place]) <= 1e-8, "\(model.memory.declarations[index].name)[\(place)]")
            }
        }
    }

    @Test func sessionsAgreeWithTheWhole() throws {
        let model = try open()
        let tokens = someTokens(12, below: 13)
        let whole = try model.logits(tokens, rows: 1)
        let session = try model.model.openSession(rows: 1)
        var found: [Float] = []
        for token in tokens { found += try session.logits([token], .last, vocabulary: 13) }
        #expect(largestDifference(found, whole) <= 1e-5)
    }

    @Test func itLearns() throws {
        let model = try open()
        let text = (0 ..< 41).map { Int32($0 * $0 % 13) }
        let batch = Batch(rows: 1, length: 40, tokens: Array(text[..<40]), targets: Array(text[1...]))
        let before = try model.model.loss(batch)
        for _ in 0 ..< 60 {
            model.memory.zeroGradients()
            _ = try model.model.lossAndGradient(batch)
            for index in model.memory.ownIndices {
                guard let values = model.memory.views[index].floats, let slopes = model.memory.gradientViews?[index].floats
                else { continue }
                for place in values.indices { values[place] -= 0.3 * slopes[place] }
            }
            model.model.parametersChanged()
        }
        #expect(before > 2.4 && before < 2.9)
        #expect(try model.model.loss(batch) < 0.5 * before)
    }

    @Test(arguments: [30_000, 300_000, 1_000_000, 20_000_000]) func budgetsAreMetWithinFivePercent(_ parameters: Int) throws {
        let factory = try PluginLibrary.factory("Minimal", "minimal")
        let proposal = try factory.propose(Budget(parameters: parameters, alphabet: 256, context: 64))
        let count = try factory.create(proposal, services: NoHostServices()).parameters.reduce(0) { $0 + $1.count }
        #expect(abs(Double(count) / Double(parameters) - 1) <= 0.05)
    }
}
