import Experiments
import PluginHost
import SequenceModel
import Testing

/// A factory whose models have one weight of `hidden_size` × `hidden_size` values, and a tied one.
private struct FakeFactory: ModelFactory {
    var id = "fake"
    /// What `propose` gives for any budget.
    var proposal = 100
    var refusal: SequenceModelError?
    var failure: SizingFailure?

    var description: ModelDescription {
        ModelDescription(
            id: id, name: "Fake", family: "test", summary: "", paper: "", licence: "", likelihood: .exact,
            capabilities: [],
            configurationSchema: #"{"properties": {"hidden_size": {"type": "integer", "default": 100}}}"#)
    }

    func resolve(_ configuration: JSONValue) throws -> JSONValue {
        guard configuration["hidden_size"]?.integerValue != nil else {
            throw SequenceModelError(.invalidArgument, "hidden_size: an integer was expected")
        }
        return configuration
    }

    func propose(_ budget: Budget) throws -> JSONValue {
        if let refusal { throw refusal }
        return json("{\"hidden_size\": \(proposal)}")
    }

    func create(_ configuration: JSONValue, services: any HostServices) throws -> any SequenceModel {
        FakeModel(description: description, configuration: configuration)
    }
}

private final class FakeModel: SequenceModel {
    let description: ModelDescription
    let configuration: JSONValue
    init(description: ModelDescription, configuration: JSONValue) {
        self.description = description
        self.configuration = configuration
    }
    var shape: ModelShape { ModelShape(vocabulary: 256, alphabet: 256) }
    var parameters: [ParameterDeclaration] {
        let width = configuration["hidden_size"]?.integerValue ?? 0
        return [
            ParameterDeclaration(name: "w", shape: [width, width], initialiser: .normal(0.02)),
            ParameterDeclaration(name: "head", shape: [width, width], initialiser: .zeros, tiedTo: 0),
        ]
    }
    private var unused: SequenceModelError { SequenceModelError(.unimplemented, "not in this test") }
    func initialise(parameter index: Int, key: RandomKey, into values: TensorView) throws { throw unused }
    func bind(parameters: [TensorView], gradients: [TensorView]?) throws { throw unused }
    func parametersChanged() {}
    func loss(_ batch: Batch) throws -> Double { throw unused }
    func lossAndGradient(_ batch: Batch) throws -> Double { throw unused }
    func postUpdate(step: Int) throws { throw unused }
    func score(_ batch: Batch, samples: Int) throws -> Score { throw unused }
    func logits(_ batch: Batch, into logits: UnsafeMutableBufferPointer<Float>) throws { throw unused }
    func predict(_ batch: Batch) throws -> Prediction { throw unused }
    func openSession(rows: Int) throws -> any SequenceSession { throw unused }
    func loadSession(_ state: [UInt8]) throws -> any SequenceSession { throw unused }
    func generate(_ request: GenerationRequest, sink: (GenerationEvent) -> Bool) throws { throw unused }
}

/// Asks the models in this process.
private struct FakeSizer: ModelSizer {
    let factories: [FakeFactory]

    func size(_ request: SizingRequest) throws -> SizingAnswer {
        guard let factory = factories.first(where: { $0.id == request.model }) else {
            throw ZooError(.internalBug, "nobody asked for \(request.model)")
        }
        if let failure = factory.failure { return .failed(failure) }
        do {
            return .sized(try SizedModel(factory, request))
        } catch let refusal as SizingRefusal {
            return .refused(refusal)
        }
    }
}

struct PlannerTests {
    private func plan(
        _ factories: [FakeFactory], set: [String] = [], seeds: [UInt64] = [1], otherSizes: Bool = false,
        warn: (String) -> Void = { _ in }
    ) throws -> ComparisonPlan {
        let request = ComparisonRequest(
            parameters: 10_000,
            training: ComparisonRequest.trainingOptions(steps: 10, minutes: nil, context: 16, batch: 4), seeds: seeds,
            settings: try set.map { try SettingOverride($0) }, allowsOtherSizes: otherSizes, decodeContexts: [256],
            threads: 2,
            dataFiles: [])
        let planner = ComparisonPlanner(
            sizer: FakeSizer(factories: factories), request: request, data: exampleData(), command: "c", started: "s")
        return try planner.plan(
            factories.map { .init(description: $0.description, plugin: "/p/\($0.id).so", pluginSHA256: "ab") },
            warn: warn)
    }

    @Test func laysOutRunsSeedBySeed() throws {
        let plan = try plan([FakeFactory(id: "a"), FakeFactory(id: "b", proposal: 102)], seeds: [1, 7])
        #expect(plan.runs.map(\.id) == ["a-seed-1", "b-seed-1", "a-seed-7", "b-seed-7"])
        #expect(plan.runs.map(\.parameters) == [10_000, 10_404, 10_000, 10_404])
        #expect(plan.runs[3].training.value["seed"] == .integer(7))
        #expect(plan.runs[0].initialisation == "normal(0, 0.02) for 1 tensor (100 % of the values)")
        #expect(plan.runs[0].optimizer == "weight decay on 1 of 1 tensors (100 % of the values)")
        #expect(Set(try plan.runs.map { try $0.hash() }).count == 4)
        #expect(plan.budget.tokens == 640)
    }

    @Test func refusesAProposalThatIsOff() throws {
        let error = try #require(message { _ = try plan([FakeFactory(proposal: 103)]) })
        #expect(error.code == .plugin)
        #expect(
            error.text == """
                fake has 10609 parameters, 7 % off the budget of 10000; allowed: 5 %. The plugin proposed this configuration \
                itself: {"hidden_size":103}
                """)
    }

    @Test func tellsWhyABudgetCannotBeMet() throws {
        let refusal = SequenceModelError(.invalidArgument, "no configuration; the smallest has 20000 parameters")
        let error = try #require(message { _ = try plan([FakeFactory(refusal: refusal)]) })
        #expect(error.code == .data)
        #expect(error.text == "fake at 10k parameters: no configuration; the smallest has 20000 parameters")
        #expect(error.hint == "choose another --parameters, or compare without fake")
    }

    @Test func settingsMustKeepTheSizeUnlessAllowed() throws {
        let error = try #require(message { _ = try plan([FakeFactory()], set: ["hidden_size=200"]) })
        #expect(error.code == .usage)
        #expect(
            error.text
                == "with --set fake.hidden_size, fake has 40000 parameters, 300 % off the budget of 10000; allowed: 5 %"
        )
        #expect(error.hint == "change --parameters to 40k, or give --other-sizes to compare unequal sizes")
        #expect(try plan([FakeFactory()], set: ["hidden_size=200"], otherSizes: true).runs[0].parameters == 40_000)
    }

    @Test func settingsOfTheWrongTypeAreRefused() throws {
        let model = try #require(message { _ = try plan([FakeFactory()], set: ["hidden_size=wide"]) })
        #expect(model.code == .data && model.text == "--set fake.hidden_size: hidden_size: an integer was expected")
        let training = try #require(message { _ = try plan([FakeFactory()], set: ["fake.learning_rate=fast"]) })
        #expect(training.code == .usage)
        #expect(training.text == "--set fake.learning_rate: learning_rate is \"fast\"; allowed: a number over 0")
    }

    @Test func settingsReachOnlyTheirModel() throws {
        let plan = try plan([FakeFactory(id: "a"), FakeFactory(id: "b")], set: ["b.learning_rate=0.5"])
        #expect(plan.runs.map { $0.training.value["learning_rate"] } == [.number(0.001), .number(0.5)])
        #expect(plan.runs.map { $0.row().learningRate } == [0.001, 0.5])
    }

    /// A plugin that does not survive being asked is planned like the others, and fails alone.
    @Test func aPluginThatDiesIsPlannedAsRunsThatFail() throws {
        let failure = SizingFailure(status: .timeout, detail: "did not answer within 3 s in propose")
        let plan = try plan(
            [FakeFactory(id: "a"), FakeFactory(id: "b", failure: failure)], set: ["hidden_size=100"], seeds: [1, 2])
        #expect(plan.runs.map(\.sizingFailure) == [nil, failure, nil, failure])
        #expect(plan.runs.map(\.parameters) == [10_000, nil, 10_000, nil])
        let row = plan.runs[1].row()
        #expect(row.status == .timeout && row.detail == failure.detail && row.parameters == nil)
        #expect(Set(try plan.runs.map { try $0.hash() }).count == 4)
    }

    @Test func aFaultOfThePluginIsNotTheUsers() throws {
        let fault = SequenceModelError(.internal, "out of ideas")
        let error = try #require(message { _ = try plan([FakeFactory(refusal: fault)]) })
        #expect(error.code == .plugin && error.text == "fake at 10k parameters: out of ideas")
    }
}

@Suite struct ParameterSummaryTests {
    @Test func saysWhatIsAskedOfTheOptimizer() {
        let declarations = [
            ParameterDeclaration(name: "w", shape: [3, 3], initialiser: .normal(0.02), weightDecay: true),
            ParameterDeclaration(name: "tied", shape: [3, 3], initialiser: .normal(0.02), weightDecay: true, tiedTo: 0),
            ParameterDeclaration(name: "a", shape: [3], initialiser: .zeros, weightDecay: false, learningRateMultiplier: 2),
            ParameterDeclaration(name: "b", shape: [3], initialiser: .zeros, weightDecay: false, learningRateMultiplier: 2),
            ParameterDeclaration(name: "c", shape: [1], initialiser: .zeros, weightDecay: false, isBuffer: true),
        ]
        #expect(
            ParameterSummary.optimizer(declarations)
                == "weight decay on 1 of 3 tensors (60 % of the values); learning rate × 2 for a and 1 more; 1 tensor not trained")
        #expect(ParameterSummary.count(declarations) == 16)
    }
}
