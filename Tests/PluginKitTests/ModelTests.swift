import PluginKit
import SequenceModel
import Testing

/// What the kit makes of a model: loss, score, prediction, sessions.
@Suite(.serialized) struct ModelTests {
    static let kinds: [any TensorModel.Type] = [DecayModel.self, BigramModel.self]

    private func batch(rows: Int, length: Int, limit: Int = 10, ignoring: (Int) -> Bool = { _ in false }) -> Batch {
        var stream = RandomKey(seed: 11).stream
        let tokens = (0 ..< rows * length).map { _ in Int32(stream.index(below: limit)) }
        let targets = (0 ..< rows * length).map { index in ignoring(index) ? -1 : Int32(stream.index(below: limit)) }
        return Batch(rows: rows, length: length, tokens: tokens, targets: targets)
    }

    /// −ln softmax(logits)[target] over the alphabet, written out.
    private func nats(_ logits: ArraySlice<Float>, _ target: Int32, alphabet: Int) -> Double {
        let values = logits.prefix(alphabet).map(Double.init)
        let largest = values.max() ?? 0
        return largest + values.reduce(0) { $0 + exponential($1 - largest) }.naturalLogarithm - values[Int(target)]
    }

    @Test(arguments: 0 ..< 2) func lossScoreAndPredictionFollowFromTheLogits(_ kind: Int) throws {
        let held = try HeldModel(Self.kinds[kind])
        let batch = batch(rows: 3, length: 7) { $0 % 4 == 1 }
        let shape = held.model.shape
        let logits = try held.logits(batch.tokens, rows: 3)
        let score = try held.model.score(batch, samples: 0)
        let prediction = try held.model.predict(batch)
        var sum = 0.0
        for (index, target) in batch.targets.enumerated() {
            let row = logits[index * shape.vocabulary ..< (index + 1) * shape.vocabulary]
            guard target >= 0 else {
                #expect(score.nats[index] == 0)
                #expect(prediction.symbols[index] == -1)
                #expect(prediction.logProbabilities[index] == 0)
                continue
            }
            let expected = nats(row, target, alphabet: shape.alphabet)
            sum += expected
            #expect(abs(Double(score.nats[index]) - expected) < 1e-5)
            let best = row.prefix(shape.alphabet).enumerated().max { $0.element < $1.element }?.offset ?? -1
            #expect(prediction.symbols[index] == Int32(best))
            let ofBest = nats(row, Int32(best), alphabet: shape.alphabet)
            #expect(abs(Double(prediction.logProbabilities[index]) + ofBest) < 1e-5)
        }
        #expect(score.samples == 1 && score.estimator.isEmpty)
        #expect(abs(try held.model.loss(batch) - sum / Double(batch.targetCount)) < 1e-5)

        var weighted = batch
        weighted.weights = batch.targets.indices.map { Float($0 % 5) - 2 }
        var byHand = 0.0
        for (nats, weight) in zip(score.nats, weighted.weights ?? []) { byHand += Double(nats) * Double(weight) }
        #expect(abs(try held.model.loss(weighted) - byHand) < 1e-4)
    }

    @Test(arguments: 0 ..< 2) func gradientsAreTheSlopesOfTheLoss(_ kind: Int) throws {
        let held = try HeldModel(Self.kinds[kind], scalar: .float64)
        var batch = batch(rows: 2, length: 5) { $0 == 3 }
        batch.weights = batch.targets.indices.map { 0.1 * Float($0) - 0.3 }
        _ = try held.model.lossAndGradient(batch)
        let step = 1e-5
        for (view, slope) in zip(held.values, held.gradients) {
            guard let values = view.doubles, let slopes = slope.doubles else { continue }
            for index in stride(from: 0, to: values.count, by: max(1, values.count / 5)) {
                let kept = values[index]
                values[index] = kept + step
                let above = try held.model.loss(batch)
                values[index] = kept - step
                let below = try held.model.loss(batch)
                values[index] = kept
                let slope: Double = (above - below) / (2 * step)
                #expect(abs(slope - slopes[index]) < 1e-8)
            }
        }
    }

    @Test func rowsTakenInGroupsGiveWhatTheyGiveTogether() throws {
        // 40 rows of 256 tokens are computed in groups.
        let held = try HeldModel(DecayModel.self, scalar: .float64)
        let large = batch(rows: 40, length: 256)
        let whole = try held.model.lossAndGradient(large)
        var sum = 0.0
        for row in 0 ..< 40 {
            let range = row * 256 ..< (row + 1) * 256
            sum += try held.model.loss(
                Batch(rows: 1, length: 256, tokens: Array(large.tokens[range]), targets: Array(large.targets[range])))
        }
        #expect(abs(whole - sum / 40) < 1e-10)
    }

    @Test(arguments: 0 ..< 2) func sessionsAgreeWithTheLogitsHoweverTheTextIsCut(_ kind: Int) throws {
        let held = try HeldModel(Self.kinds[kind])
        let vocabulary = held.model.shape.vocabulary
        let batch = batch(rows: 2, length: 21)
        let whole = try held.logits(batch.tokens, rows: 2)
        for cut in [[21], [9, 5, 7], [Int](repeating: 1, count: 21)] {
            let session = try held.model.openSession(rows: 2)
            var begin = 0
            for count in cut {
                let part = (0 ..< 2).flatMap { row in batch.tokens[row * 21 + begin ..< row * 21 + begin + count] }
                let all = try session.fork().logits(part, .all, vocabulary: vocabulary)
                let last = try session.logits(part, .last, vocabulary: vocabulary)
                for row in 0 ..< 2 {
                    let expected = Array(whole[(row * 21 + begin) * vocabulary ..< (row * 21 + begin + count) * vocabulary])
                    let found = Array(all[row * count * vocabulary ..< (row + 1) * count * vocabulary])
                    #expect(largestDifference(found, expected) < 1e-5)
                    let lastRow = Array(last[row * vocabulary ..< (row + 1) * vocabulary])
                    #expect(largestDifference(lastRow, Array(expected.suffix(vocabulary))) < 1e-5)
                }
                begin += count
                #expect(session.position == begin)
            }
        }
    }

    @Test func aLongTextIsReadInSteps() throws {
        let held = try HeldModel(DecayModel.self)
        let batch = batch(rows: 1, length: 600)
        let whole = try held.logits(batch.tokens)
        let session = try held.model.openSession(rows: 1)
        #expect(largestDifference(try session.fork().logits(batch.tokens, .all, vocabulary: 11), whole) < 1e-4)
        #expect(largestDifference(try session.logits(batch.tokens, .last, vocabulary: 11), Array(whole.suffix(11))) < 1e-4)
        #expect(session.position == 600)
    }

    @Test(arguments: 0 ..< 2) func savedSessionsGoOnBitForBit(_ kind: Int) throws {
        let held = try HeldModel(Self.kinds[kind])
        let vocabulary = held.model.shape.vocabulary
        let session = try held.model.openSession(rows: 2)
        _ = try session.logits([1, 2, 3, 4, 5, 6], .none, vocabulary: vocabulary)
        let saved = try session.save()
        let loaded = try held.model.loadSession(saved)
        let fork = try session.fork()
        #expect(loaded.rows == 2 && loaded.position == 3)
        #expect(try loaded.save() == saved)
        let expected = try session.logits([7, 8], .all, vocabulary: vocabulary)
        #expect(try loaded.logits([7, 8], .all, vocabulary: vocabulary) == expected)
        #expect(try fork.logits([7, 8], .all, vocabulary: vocabulary) == expected)
        #expect(session.stateBytes <= saved.count)
    }

    @Test func whatIsNotAWholeStateOfThisModelIsRefused() throws {
        let held = try HeldModel(DecayModel.self)
        let session = try held.model.openSession(rows: 1)
        _ = try session.logits([1, 2, 3], .none, vocabulary: 11)
        let saved = try session.save()
        func refusal(_ bytes: [UInt8], _ model: any SequenceModel) -> String {
            failure { _ = try model.loadSession(bytes) }
        }
        for length in 0 ..< saved.count { #expect(refusal(Array(saved[..<length]), held.model).hasPrefix("15: ")) }
        for index in saved.indices {
            var damaged = saved
            damaged[index] ^= 0x10
            #expect(refusal(damaged, held.model).hasPrefix("15: "), "byte \(index)")
        }
        #expect(refusal(saved + [0], held.model).hasPrefix("15: "))
        let other = try HeldModel(DecayModel.self, #"{"offset":1}"#)
        #expect(refusal(saved, other.model) == "15: the saved state is of another model or configuration")
        let double = try HeldModel(DecayModel.self, scalar: .float64)
        #expect(refusal(saved, double.model).hasPrefix("15: "))
        held.values[0].floats?[0] += 1
        held.model.parametersChanged()
        #expect(refusal(saved, held.model) == "15: the saved state was made with other parameter values")
    }

    @Test func rewindingGoesBackOrSaysThatItCannot() throws {
        let held = [try HeldModel(DecayModel.self), try HeldModel(BigramModel.self)]
        let decay = try held[0].model.openSession(rows: 1)
        let fresh = try decay.fork().logits([1, 2], .last, vocabulary: 11)
        _ = try decay.logits([1, 2, 3], .none, vocabulary: 11)
        #expect(failure { try decay.rewind(to: 2) } == "12: decay cannot go back from 3 to 2")
        #expect(failure { try decay.rewind(to: 4) } == "3: position 4; allowed: 0 to 3")
        #expect(failure { try decay.rewind(to: 3) } == "nothing")
        try decay.rewind(to: 0)
        #expect(try decay.logits([1, 2], .last, vocabulary: 11) == fresh)

        let bigram = try held[1].model.openSession(rows: 2)
        let first = try bigram.fork().logits([1, 2, 3, 4], .last, vocabulary: 11)
        _ = try bigram.logits([1, 2, 9, 3, 4, 9], .none, vocabulary: 11)
        try bigram.rewind(to: 2)
        #expect(bigram.position == 2)
        try bigram.rewind(to: 0)
        let again = try bigram.logits([1, 2, 3, 4], .last, vocabulary: 11)
        #expect(again == first)
        withExtendedLifetime(held) {}
    }

    @Test func aFailureInTheMiddleLeavesTheSessionAsItWas() throws {
        let held = try HeldModel(DecayModel.self)
        let session = try held.model.openSession(rows: 1)
        _ = try session.logits([1, 2], .none, vocabulary: 11)
        let saved = try session.save()
        DecayModel.failsAtLength = 5
        defer { DecayModel.failsAtLength = nil }
        #expect(failure { _ = try session.logits([1, 2, 3, 4, 5], .last, vocabulary: 11) } == "Failure()")
        #expect(try session.save() == saved)
        DecayModel.failsAtLength = 1
        #expect(failure { _ = try session.logits([1], .last, vocabulary: 11) } == "Failure()")
        DecayModel.failsAtLength = nil
        #expect(
            failure { _ = try session.logits([1], .last, vocabulary: 11) }
                == "9: a step of this session failed half way; open another one")
    }
}

private func exponential(_ x: Double) -> Double {
    var (term, sum) = (1.0, 1.0)
    for index in 1 ..< 200 {
        term *= x / Double(index)
        sum += term
    }
    return sum
}

extension Double {
    /// By Newton's iteration on `exponential`.
    fileprivate var naturalLogarithm: Double {
        var y = 1.0
        for _ in 0 ..< 60 { y += self / exponential(y) - 1 }
        return y
    }
}
