import PluginHost
import SequenceModel
import Testing
import Training

/// Models against the classes of transformers 5.23.0 whose checkpoints they load, through the C ABI.
@Suite struct FixtureParityTests {
    static let classes = PublishedClass.all

    @Test(arguments: classes) func publishedNamesAndShapesLoadAsTheyAre(_ published: PublishedClass) throws {
        let (fixture, model) = try published.open()
        let declared = Set(model.memory.ownIndices.map { model.memory.declarations[$0].name })
        #expect(declared == Set(fixture.weights.tensors.map(\.name)))
        for index in model.memory.ownIndices {
            let declaration = model.memory.declarations[index]
            #expect(fixture.weights[declaration.name]?.shape == declaration.shape, "\(declaration.name)")
        }
    }

    @Test(arguments: classes) func logitsAgree(_ published: PublishedClass) throws {
        let (fixture, model) = try published.open()
        #expect(largestDifference(try model.logits(fixture.ids, rows: 2), fixture.logits) <= 1e-4)
    }

    @Test(arguments: classes) func lossAndEveryGradientAgree(_ published: PublishedClass) throws {
        let (fixture, model) = try published.open()
        let loss = try model.model.lossAndGradient(fixture.batch)
        #expect(abs(loss - fixture.loss) <= 1e-5)
        #expect(abs(try model.model.loss(fixture.batch) - loss) <= 1e-6)
        for index in model.memory.ownIndices {
            let name = model.memory.declarations[index].name
            let expected = try fixture.gradients.floats(name).map(Double.init)
            #expect(relativeError(try model.gradient(index), expected) <= 1e-3, "gradient of \(name)")
        }
    }

    @Test(arguments: classes) func gradientsAreAddedNotWritten(_ published: PublishedClass) throws {
        let (fixture, model) = try published.open()
        _ = try model.model.lossAndGradient(fixture.batch)
        let once = try model.memory.ownIndices.map { try model.gradient($0) }
        _ = try model.model.lossAndGradient(fixture.batch)
        for (index, first) in zip(model.memory.ownIndices, once) {
            #expect(relativeError(try model.gradient(index), first.map { 2 * $0 }) <= 1e-6)
        }
    }

    @Test(arguments: classes) func scoreIsTheLossOfEachTarget(_ published: PublishedClass) throws {
        let (fixture, model) = try published.open()
        let score = try model.model.score(fixture.batch, samples: 0)
        let targets = fixture.batch.targetCount
        #expect(abs(score.nats.reduce(0) { $0 + Double($1) } / Double(targets) - fixture.loss) <= 1e-5)
        #expect(zip(score.nats, fixture.batch.targets).allSatisfy { $0 > 0 || $1 < 0 })
    }

    /// The serving form, symbol by symbol.
    @Test(arguments: classes) func greedyContinuationIsTheSame(_ published: PublishedClass) throws {
        let (fixture, model) = try published.open()
        let length = fixture.greedy.count / 2
        // The prompt is the part that the continuation shares with the input.
        let prompt = zip(fixture.greedy[..<length], fixture.ids[..<(fixture.ids.count / 2)]).prefix { $0 == $1 }.count
        #expect(prompt >= 1 && prompt < length)
        for row in 0 ..< 2 {
            let expected = Array(fixture.greedy[row * length ..< (row + 1) * length])
            let session = try model.model.openSession(rows: 1)
            var text = Array(expected[..<prompt])
            var logits = try session.logits(text, .last, vocabulary: model.vocabulary)
            while text.count < length {
                let next = Int32(logits.indices.max { logits[$0] < logits[$1] } ?? 0)
                text.append(next)
                logits = try session.logits([next], .last, vocabulary: model.vocabulary)
            }
            #expect(text == expected)
        }
    }
}
