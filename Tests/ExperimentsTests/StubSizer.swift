import Experiments
import SequenceModel

/// Answers as a closure says, and counts how often it was asked.
final class StubSizer: ModelSizer {
    private(set) var requests: [SizingRequest] = []
    private let answer: (SizingRequest) throws -> SizingAnswer

    init(_ answer: @escaping (SizingRequest) throws -> SizingAnswer) { self.answer = answer }

    func size(_ request: SizingRequest) throws -> SizingAnswer {
        requests.append(request)
        return try answer(request)
    }

    /// A model of one matrix as wide as the key `width` says, with the key `thoughts` that changes nothing.
    static func matrix(_ request: SizingRequest, width: Int, measured: Double? = nil) -> SizedModel {
        var configuration: JSONObject = ["thoughts": .integer(2), "width": .integer(Int64(width))]
        for key in request.settings.value.objectValue?.keys ?? [] { configuration[key] = request.settings.value[key] }
        let width = configuration["width"]?.integerValue ?? width
        var sized = SizedModel(
            configuration: ConfigurationJSON(.object(configuration)), parameters: width * width, initialisation: "ones")
        sized.tensors = [DeclaredTensor(ParameterDeclaration(name: "w", shape: [width, width], initialiser: .zeros))]
        sized.proposedFor = request.parameters
        sized.measured = measured
        return sized
    }

    static func candidate(_ id: String, capabilities: Capabilities = [.session]) -> ComparisonPlanner.Candidate {
        .init(
            description: ModelDescription(
                id: id, name: id, family: "test", summary: "", paper: "", licence: "", likelihood: .exact,
                capabilities: capabilities, configurationSchema: #"{"properties": {"width": {}, "thoughts": {}}}"#),
            plugin: "/p/\(id).so", pluginSHA256: "ab")
    }

    static func request(parameters: Int = 10_000) -> ComparisonRequest {
        ComparisonRequest(
            parameters: parameters,
            training: ComparisonRequest.trainingOptions(steps: 10, minutes: nil, context: 16, batch: 4), seeds: [1],
            decodeContexts: [16], threads: 2, dataFiles: [])
    }

    func plan(
        _ request: ComparisonRequest, _ candidates: [ComparisonPlanner.Candidate], warn: (String) -> Void = { _ in }
    ) throws -> ComparisonPlan {
        try ComparisonPlanner(sizer: self, request: request, data: exampleData(), command: "c", started: "s")
            .plan(candidates, warn: warn)
    }
}
