import PluginHost
import SequenceModel
import Synchronization
import Testing
import TestSupport

/// Plugins that load but break the contract afterwards.
@Suite struct MisbehaviourTests {
    private func factory(_ fault: String) throws -> any ModelFactory {
        try Plugin.load(TestPlugins.compile("misbehaving.c", defines: [fault])).models[0]
    }

    private let batch = Batch(rows: 1, length: 2, tokens: [0, 1], targets: [1, 1])

    @Test(arguments: [
        ("FAULT_CREATE_NOTHING", "13: create succeeded without an instance"),
        (
            "FAULT_RESOLVE_GARBAGE",
            "13: resolve of bigram wrote a configuration that cannot be read: "
                + "JSON, line 1, column 11: the key \"a\" is there twice"
        ),
        (
            "FAULT_RESOLVE_ARRAY",
            "13: resolve of bigram wrote a configuration that cannot be read: an array instead of an object"
        ),
        ("FAULT_RESOLVE_ENDLESS", "8: the writer is full"),
        ("FAULT_VOCABULARY_ZERO", "13: bigram breaks the plugin contract: vocabulary 0; allowed: 1 to 16777216"),
        (
            "FAULT_ALPHABET", "13: bigram breaks the plugin contract: alphabet 257; allowed: 1 to the vocabulary, 256"
        ),
        (
            "FAULT_PARAMETER_COUNT",
            "13: bigram breaks the plugin contract: 1000000000000 parameters; allowed: at most 1000000"
        ),
        ("FAULT_PARAMETER_NAMES", "13: bigram breaks the plugin contract: two parameters have the name weight"),
        ("FAULT_PARAMETER_NAMELESS", "13: bigram breaks the plugin contract: parameter 0 has no name"),
        (
            "FAULT_PARAMETER_RANK",
            "13: bigram breaks the plugin contract: parameter embedding.weight: rank 9; allowed: 0 to 8"
        ),
        (
            "FAULT_PARAMETER_SHAPE",
            "13: bigram breaks the plugin contract: parameter embedding.weight: shape [1073741824, 1073741824]; "
                + "allowed: sizes from 1 on, at most 2⁴⁰ values"
        ),
        (
            "FAULT_PARAMETER_NEGATIVE",
            "13: bigram breaks the plugin contract: parameter embedding.weight: shape [-4, -4]; "
                + "allowed: sizes from 1 on, at most 2⁴⁰ values"
        ),
        (
            "FAULT_PARAMETER_INITIALISER",
            "13: bigram breaks the plugin contract: parameter embedding.weight: initialiser 9; allowed: 0 to 3"
        ),
        (
            "FAULT_PARAMETER_TIED",
            "13: bigram breaks the plugin contract: parameter output.bias [256] is tied to embedding.weight [256, 16]; "
                + "allowed: an untied one of the same shape"
        ),
        (
            "FAULT_PARAMETER_TIED_AHEAD",
            "13: bigram breaks the plugin contract: parameter embedding.weight: tied to parameter 0; "
                + "allowed: an earlier one"
        ),
    ])
    func refusesInstances(fault: String, message: String) throws {
        let factory = try factory(fault)
        #expect(outcome { try factory.create(.object([:]), services: NoHostServices()) } == message)
    }

    private func bigram(_ variant: String, services: any HostServices = NoHostServices()) throws -> Bigram {
        try Bigram(path: TestPlugins.compile("misbehaving.c", defines: [variant]), services: services)
    }

    /// After a failure that the plugin calls fatal, nothing is called but `destroy`.
    @Test func poisoned() throws {
        let model = try bigram("FAULT_POISONED").model
        #expect(outcome { try model.loss(batch) } == "13: the heap is broken")
        let message = "the model is unusable since an earlier failure: the heap is broken"
        #expect(outcome { try model.loss(batch) } == "9: loss: \(message)")
        #expect(outcome { try model.score(batch, samples: 0) } == "9: score: \(message)")
        #expect(outcome { try model.openSession(rows: 1) } == "9: open: \(message)")
    }

    @Test func messagesAreMadeSafe() throws {
        let blaming = try bigram("FAULT_BLAMES_HOST").model
        #expect(
            outcome { try blaming.loss(batch) }
                == "3: weights are not where they should be (the plugin says that the host broke the contract)")
        // No final zero, an impossible length, a status that nobody knows.
        let long = try bigram("FAULT_LONG_MESSAGE").model
        #expect(outcome { try long.loss(batch) } == "77: " + String(repeating: "x", count: 4096))
    }

    @Test func unwrittenScoresAreNotNumbers() throws {
        let score = try bigram("FAULT_SCORE_UNWRITTEN").model.score(batch, samples: 0)
        #expect(score.nats[0] == 1)
        #expect(score.nats[1].isNaN)
    }

    @Test func boundsNameTheirEstimator() throws {
        let score = try bigram("VARIANT_BOUND").model.score(batch, samples: 12)
        #expect(score.samples == 12)
        #expect(score.estimator == "by halves")
    }

    @Test func generates() throws {
        let model = try bigram("VARIANT_GENERATES").model
        let key = RandomKey(seed: 0)
        var events: [GenerationEvent] = []
        try model.generate(GenerationRequest(prompt: [7, 8], newTokens: 3, steps: 4, key: key)) {
            events.append($0)
            return true
        }
        #expect(
            events == [
                .step(index: 0, count: 4), .append([4, 5, 6]), .replace(begin: 2, symbols: [7]), .done,
            ])
        events = []
        let stopped = outcome {
            try model.generate(GenerationRequest(prompt: [7], newTokens: 1, key: key)) {
                events.append($0)
                return events.count < 2
            }
        }
        #expect(stopped == "1: stopped by the host")
        #expect(events.count == 2)
    }

    @Test func refusesGenerations() throws {
        let model = try bigram("VARIANT_GENERATES").model
        func verdict(_ change: (inout GenerationRequest) -> Void) -> String {
            var request = GenerationRequest(prompt: [7], newTokens: 1, key: RandomKey(seed: 0))
            change(&request)
            return outcome { try model.generate(request) { _ in true } }
        }
        #expect(verdict { $0.newTokens = 65 } == "3: at most 64 new tokens")
        #expect(verdict { $0.newTokens = -1 } == "3: generate: 0 steps, -1 new tokens; allowed: 0 to 4294967295 steps, 0 or more tokens")
        #expect(verdict { $0.steps = -1 } == "3: generate: -1 steps, 1 new tokens; allowed: 0 to 4294967295 steps, 0 or more tokens")
        #expect(verdict { $0.temperature = .nan } == "3: generate: temperature nan; allowed: 0 and above")
        #expect(verdict { $0.temperature = -1 } == "3: generate: temperature -1.0; allowed: 0 and above")
        #expect(verdict { $0.sampler = "broken" } == "13: generate of generator: event 2 of 1 symbols without symbols")
    }

    /// What a plugin calls in its host arrives: log (made safe), progress, the pieces of a parallel loop, the number
    /// of threads.
    @Test(arguments: [1, 3])
    func services(threads: Int) throws {
        let services = RecordingServices(threads: threads)
        let model = try bigram("VARIANT_SERVICES", services: services).model
        #expect(try model.loss(batch) == 1000 + 10000 * Double(threads))
        #expect(services.lines.withLock { $0 } == ["warning: a warn ing"])
        #expect(services.fractions.withLock { $0 } == [0.25])
    }

    @Test func cancellationReachesThePlugin() throws {
        let pool = ThreadPool(threads: 2)
        let model = try Bigram(services: pool).model
        #expect(try model.loss(batch).isFinite)
        pool.cancel()
        #expect(outcome { try model.loss(batch) } == "1: the host asked to stop")
        pool.allowAgain()
        #expect(try model.loss(batch).isFinite)
    }

    /// The same bits for any number of threads.
    @Test func scoreDoesNotDependOnThreads() throws {
        let batch = Batch(
            rows: 16, length: 2, tokens: (0 ..< 32).map { $0 % 5 }, targets: (0 ..< 32).map { ($0 + 3) % 5 })
        let scores = try [1, 2, 5].map { threads in
            try Bigram(services: ThreadPool(threads: threads)).model.score(batch, samples: 0).nats
        }
        #expect(scores[0] == scores[1] && scores[0] == scores[2])
    }
}

private final class RecordingServices: HostServices {
    let lines = Mutex<[String]>([])
    let fractions = Mutex<[Double]>([])
    private let pool: ThreadPool

    init(threads: Int) { pool = ThreadPool(threads: threads) }

    var maximumConcurrency: Int { pool.maximumConcurrency }
    var shouldCancel: Bool { false }
    func parallelFor(
        _ count: Int, _ task: @convention(c) (UnsafeMutableRawPointer?, UInt64) -> Void,
        _ argument: UnsafeMutableRawPointer?
    ) { pool.parallelFor(count, task, argument) }
    func log(_ severity: LogSeverity, _ text: String) { lines.withLock { $0.append("\(severity): \(text)") } }
    func progress(_ fraction: Double) { fractions.withLock { $0.append(fraction) } }
}
