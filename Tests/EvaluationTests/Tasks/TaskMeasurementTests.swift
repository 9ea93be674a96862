import PluginHost
import SequenceModel
import Testing
import Training

@testable import Evaluation

/// What is measured of models whose answers are known.
struct TaskMeasurementTests {
    /// Knows the answer in all rows but every fourth.
    private final class Oracle: SequenceModel {
        var description: ModelDescription
        var shape = ModelShape(vocabulary: 32, alphabet: 32)
        var asked: [Batch] = []

        init(_ capabilities: Capabilities, likelihood: Likelihood = .exact) {
            description = ModelDescription(
                id: "oracle", name: "Oracle", family: "test", summary: "", paper: "", licence: "Apache-2.0", likelihood: likelihood,
                capabilities: capabilities, configurationSchema: "{}")
        }

        var configuration: JSONValue { .object([:]) }
        var parameters: [ParameterDeclaration] { [] }
        func initialise(parameter index: Int, key: RandomKey, into values: TensorView) throws {}
        func bind(parameters: [TensorView], gradients: [TensorView]?) throws {}
        func parametersChanged() {}
        func postUpdate(step: Int) throws {}
        func loss(_ batch: Batch) throws -> Double { 0.5 }
        func lossAndGradient(_ batch: Batch) throws -> Double { 0.5 }
        func score(_ batch: Batch, samples: Int) throws -> Score {
            Score(nats: batch.targets.map { $0 >= 0 ? 0.693_147_2 : 0 }, samples: 1, estimator: "")
        }
        func logits(_ batch: Batch, into logits: UnsafeMutableBufferPointer<Float>) throws {}
        func predict(_ batch: Batch) throws -> Prediction {
            try batch.validate(for: shape)
            asked.append(batch)
            let symbols = batch.targets.enumerated().map { index, target -> Int32 in
                target < 0 ? -1 : index / batch.length % 4 == 3 ? (target + 1) % 2 : target
            }
            return Prediction(symbols: symbols, logProbabilities: symbols.map { _ in 0 })
        }
        func openSession(rows: Int) throws -> any SequenceSession { throw SequenceModelError(.unimplemented, "sessions") }
        func loadSession(_ state: [UInt8]) throws -> any SequenceSession { throw SequenceModelError(.unimplemented, "sessions") }
        func generate(_ request: GenerationRequest, sink: (GenerationEvent) -> Bool) throws {}
    }

    @Test(arguments: [false, true]) func accuracy(_ inPlace: Bool) throws {
        let model = Oracle(inPlace ? [.predicts, .targetsInPlace] : [.predicts, .causal])
        let task = try TaskSpecification("parity:test_examples=64").make()
        let figure = try TaskMeasurement(model: model, task: task, batch: 8).figure(length: 64)
        #expect(figure.accuracy == 0.75 && figure.scaledAccuracy == 0.5 && figure.wholeRows == 0.75)
        #expect(figure.examples == 64 && figure.answers == 64 && figure.stateBytes == nil)
        #expect(abs((figure.bitsPerAnswer ?? 0) - 1) < 1e-6)
        #expect(model.asked.allSatisfy { $0.length == (inPlace ? 65 : 64) })
        let every = try TaskSpecification("copy:test_examples=8").make()
        #expect(try TaskMeasurement(model: model, task: every, batch: 8).figure(length: 10).answers == 40)
    }

    @Test func validation() throws {
        let source = try TaskSource(TaskSpecification("parity"), options: TrainingOptions(steps: 100))
        let found = try source.validation(of: Oracle([.predicts, .causal]))
        #expect(found?.loss == 0.5 && found?.accuracy == 0.75)
    }

    @Test func whatCannotBeAsked() throws {
        let task = try TaskSpecification("parity").make()
        func message(_ model: Oracle) -> String? {
            do {
                _ = try TaskMeasurement(model: model, task: task, batch: 8).figure(length: 64)
                return nil
            } catch { return "\(error)" }
        }
        #expect(message(Oracle([.causal])) == "oracle does not predict: tasks ask every model through predict")
        let short = Oracle([.causal, .predicts])
        short.shape.maximumTokens = 63
        #expect(message(short) == "rows of 64 symbols are asked; this configuration of oracle takes 63")
        #expect(try TaskMeasurement(model: Oracle([.predicts], likelihood: .none), task: task, batch: 8).figure(length: 64).bitsPerAnswer == nil)
    }

    /// Through a session, in pieces: the analytic model says x + 1 after x.
    @Test func throughASession() throws {
        let model = AnalyticModel(alphabet: 8, certainty: 0.5)
        let rows = [
            TaskExample(tokens: [1, 2, 3, 4], targets: [-1, 3, -1, 5]), TaskExample(tokens: [5, 5, 5, 5], targets: [6, -1, -1, 0]),
        ]
        let found = try SessionAnswers(model: model).read(rows) {}
        #expect(found.asked == 4 && found.right == 3 && found.wholeRows == 1)
        let expected = 3 * 0.693_147_18 + 2.639_057_33  // −ln ½ thrice, −ln (½ / 7)
        #expect(abs((found.nats ?? 0) - expected) < 1e-5)
    }

    /// A document is asked with those before it read, and alone; later ones are never seen.
    @Test(arguments: [false, true]) func documents(_ inPlace: Bool) throws {
        let model = Oracle(inPlace ? [.predicts, .targetsInPlace] : [.predicts, .causal])
        model.shape = ModelShape(vocabulary: 80, alphabet: 80)
        let task = try TaskSpecification("continual-reading:test_documents=3,test_examples=8,statements=4").make()
        let found = try TaskMeasurement(model: model, task: task, batch: 8).documents()
        #expect(found.last?.document == 3 && found.allSatisfy { $0.answers > 0 && $0.carried == $0.fresh })
        // The first document is the same either way, and may ask nothing where no name returns.
        let first: [Int] = found.count == 3 ? [9, 9] : []
        #expect(model.asked.map(\.length) == first + [18, 9, 27, 9])
        #expect(try TaskMeasurement(model: model, task: TaskSpecification("parity").make(), batch: 8).documents().isEmpty)
    }
}
