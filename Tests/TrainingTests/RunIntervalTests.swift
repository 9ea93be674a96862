import Foundation
import PluginHost
import SequenceModel
import Testing

@testable import Training

/// What nobody said about validations and checkpoints follows from the length of the run.
struct RunIntervalTests {
    private func options(_ steps: Int, context: Int = 256, batch: Int = 16) -> TrainingOptions {
        var options = TrainingOptions(steps: steps)
        options.context = context
        options.batch = batch
        return options
    }

    /// Bytes of all validations of a run over the bytes that it learns from; the last step is always validated.
    private func share(_ options: TrainingOptions) -> Double {
        let steps = options.plannedSteps ?? 0
        let validations = (steps + options.evaluationInterval - 1) / options.evaluationInterval
        return Double(validations * options.evaluationSize) / Double(steps * options.tokensPerStep)
    }

    /// The loss alone costs a third of the loss and its gradients: three tenths of the bytes are a tenth of the time.
    @Test(arguments: [1, 7, 20, 33, 100, 300, 1000, 30_000], [(256, 16), (64, 4), (1024, 2), (32, 64)])
    func validationCostsATenth(_ steps: Int, _ shape: (Int, Int)) {
        let options = options(steps, context: shape.0, batch: shape.1)
        let validations = Double(steps) / Double(options.evaluationInterval)
        // One window is the least.
        let window = validations.rounded(.up) * Double(shape.0) / Double(steps * options.tokensPerStep)
        #expect(share(options) <= max(0.31, window), "\(steps) \(shape): \(share(options))")
        #expect(options.evaluationSize >= shape.0 && options.evaluationSize <= max(131_072, shape.0))
        // What somebody asked for is bounded too.
        var often = options
        often.evaluateEvery = 1
        #expect(often.evaluationInterval == 1 && share(often) <= max(0.31, 1 / Double(shape.1)))
    }

    @Test func aLongRunIsValidatedAsBefore() {
        let long = options(2000)
        #expect(long.evaluationInterval == 200 && long.evaluationSize == 131_072)
        let short = options(20)
        #expect(short.evaluationInterval == 20 && short.evaluationSize == 24_576)
        var given = options(20)
        given.evaluationBytes = 5000
        #expect(given.evaluationInterval == 2 && given.evaluationSize == 5000)
        var timed = TrainingOptions(minutes: 1)
        timed.context = 8
        timed.batch = 2
        #expect(timed.evaluationInterval == 100 && timed.evaluationSize == 480)
        given.evaluateEvery = 0
        given.evaluationBytes = nil
        #expect(given.evaluationInterval == 0 && given.evaluationSize == 256)
    }

    @Test func checkpointsFollowFromTheLength() throws {
        #expect([1, 20, 100, 300, 1000, 50_000].map { options($0).checkpointInterval } == [20, 20, 20, 30, 100, 1000])
        #expect(TrainingOptions(minutes: 3).checkpointInterval == 100)
        var none = options(50)
        none.checkpointEvery = 0
        #expect(none.checkpointInterval == 0)
        // A run of before says 0 where this one says nothing: it may be resumed.
        #expect(options(50).differences(from: none).isEmpty)
        #expect(try TrainingOptions(json: options(50).json) == options(50) && options(50).json["checkpoint_every"] == nil)
    }

    private func run(_ path: String, stopAfter last: Int, checkpointSeconds: Double? = nil) throws -> [Int] {
        var options = TrainingRunTests.options(steps: 70)
        options.checkpointEvery = nil
        options.keep = 9
        let run = try TrainingRunTests.run(path, options, fault: BigramModel.Fault(kind: .error, step: last + 1))
        if let checkpointSeconds { run.checkpointSeconds = checkpointSeconds }
        // As good as a kill: nothing is saved at the end.
        #expect(zooError { _ = try run.run() }?.message == "step \(last + 1) of bigram: made to fail")
        return Checkpoint.steps(in: run.directory.checkpointsPath).sorted()
    }

    /// Nobody said how often: a run that dies has lost little all the same.
    @Test func aKilledRunHasCheckpoints() throws {
        let folder = TemporaryFolder()
        #expect(try run(folder.path, stopAfter: 47) == [20, 40])
        // Steps may be slow: every one is late here.
        let other = TemporaryFolder()
        #expect(try run(other.path, stopAfter: 5, checkpointSeconds: 0) == [1, 2, 3, 4, 5])
    }
}
