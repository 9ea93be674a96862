import PluginHost
import SequenceModel
import Testing

/// What must hold of the transformer without any reference.
@Suite struct TransformerPropertyTests {
    private func open(_ text: String, scalar: TensorView.Scalar = .float32, threads: Int = 1) throws -> BoundModel {
        try BoundModel(
            PluginLibrary.factory("Transformer", "transformer"), JSONParser.parse(text), scalar: scalar, threads: threads)
    }

    @Test(arguments: TransformerSessionTests.configurations, [10, 20]) func aTokenChangesNothingBeforeIt(
        _ text: String, _ position: Int
    ) throws {
        let model = try open(text)
        var tokens = someTokens(21, below: 29)
        let before = try model.logits(tokens, rows: 1)
        tokens[position] = (tokens[position] + 1) % 29
        let after = try model.logits(tokens, rows: 1)
        #expect(before[..<(position * 29)] == after[..<(position * 29)])
        #expect(before[(position * 29)...] != after[(position * 29)...])
    }

    @Test func aWindowHidesWhatIsFurtherBackThanItReaches() throws {
        // Two layers of 8 keys, the own one included, reach 14 tokens back.
        let model = try open(TransformerSessionTests.configurations[3])
        var tokens = someTokens(40, below: 29)
        let before = try model.logits(tokens, rows: 1)
        tokens[5] = (tokens[5] + 1) % 29
        let after = try model.logits(tokens, rows: 1)
        #expect(before[(20 * 29)...] == after[(20 * 29)...])
        #expect(before[(19 * 29) ..< (20 * 29)] != after[(19 * 29) ..< (20 * 29)])
    }

    /// Central differences in double precision at a few places of every tensor.
    @Test(arguments: TransformerSessionTests.configurations) func gradientsAreTheSlopesOfTheLoss(_ text: String) throws {
        let model = try open(text, scalar: .float64)
        model.scaleMatrices(by: 6)
        let tokens = someTokens(2 * 13, below: 29)
        var targets = someTokens(2 * 13, below: 29, seed: 8)
        targets[4] = -1
        let batch = Batch(
            rows: 2, length: 13, tokens: tokens, targets: targets, weights: targets.indices.map { 0.02 * Float($0) - 0.1 })
        _ = try model.model.lossAndGradient(batch)
        let step = 1e-5
        for index in model.memory.ownIndices {
            guard let values = model.memory.views[index].doubles else { continue }
            let slopes = try model.gradient(index)
            let scale = slopes.reduce(0) { max($0, abs($1)) }
            for place in stride(from: 0, to: values.count, by: max(1, values.count / 6)) {
                let kept = values[place]
                values[place] = kept + step
                let above = try model.model.loss(batch)
                values[place] = kept - step
                let below = try model.model.loss(batch)
                values[place] = kept
                let slope: Double = (above - below) / (2 * step)
                #expect(abs(slope - slopes[place]) <= 1e-6 * scale + 1e-9, "\(model.memory.declarations[index].name)[\(place)]")
            }
        }
    }

    @Test(arguments: [2, 3]) func threadsChangeNoBit(_ threads: Int) throws {
        let text = #"{"vocab_size":256,"hidden_size":96,"intermediate_size":256,"num_hidden_layers":2,"num_attention_heads":4}"#
        let one = try open(text)
        let many = try open(text, threads: threads)
        let tokens = someTokens(8 * 130, below: 256)
        let batch = Batch(rows: 8, length: 130, tokens: tokens, targets: tokens)
        #expect(try one.logits(tokens, rows: 8) == many.logits(tokens, rows: 8))
        #expect(try one.model.lossAndGradient(batch) == many.model.lossAndGradient(batch))
        for index in one.memory.ownIndices { #expect(try one.gradient(index) == many.gradient(index)) }
    }

    @Test func itLearns() throws {
        let model = try open(TransformerSessionTests.configurations[0])
        // A text in which each symbol follows from the one before.
        let text = (0 ..< 8 * 32).map { Int32($0 * $0 % 29) }
        let batch = Batch(rows: 8, length: 31, tokens: (0 ..< 8).flatMap { Array(text[$0 * 32 ..< $0 * 32 + 31]) },
            targets: (0 ..< 8).flatMap { Array(text[$0 * 32 + 1 ..< $0 * 32 + 32]) })
        let before = try model.model.loss(batch)
        for _ in 0 ..< 40 {
            model.memory.zeroGradients()
            _ = try model.model.lossAndGradient(batch)
            for index in model.memory.ownIndices {
                guard let values = model.memory.views[index].floats, let slopes = model.memory.gradientViews?[index].floats
                else { continue }
                for place in values.indices { values[place] -= 0.5 * slopes[place] }
            }
            model.model.parametersChanged()
        }
        #expect(before > 3.3 && before < 3.4)
        #expect(try model.model.loss(batch) < 0.75 * before)
    }

    @Test func firstValuesAreAsTheCardSays() throws {
        let text = #"{"hidden_size":128,"intermediate_size":256,"num_hidden_layers":8,"initialization":"INIT"}"#
        for (word, factor) in [("scaled", 0.25), ("plain", 1)] {
            let model = try open(text.split(separator: "INIT").joined(separator: word))
            for (declaration, view) in zip(model.memory.declarations, model.memory.views) {
                let values = model.values(view)
                let deviation = (values.reduce(0) { $0 + $1 * $1 } / Double(values.count)).squareRoot()
                if declaration.name.contains("norm") {
                    #expect(values.allSatisfy { $0 == 1 } && !declaration.weightDecay)
                } else {
                    let isBack = declaration.name.contains("o_proj") || declaration.name.contains("down_proj")
                    let expected = 0.02 * (isBack ? factor : 1)
                    #expect(abs(deviation - expected) < 0.03 * expected, "\(declaration.name): \(deviation)")
                    #expect(declaration.weightDecay)
                }
            }
        }
    }
}
