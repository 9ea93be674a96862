public import SequenceModel

/// A configuration and what the host counted in a model made from it.
public struct SizedModel: Codable, Sendable, Equatable {
    /// The full configuration.
    public var configuration: ConfigurationJSON
    /// Counted over the declared tensors, tied ones once.
    public var parameters: Int
    /// One sentence: how they get their first values.
    public var initialisation: String
    /// One sentence: what they ask of the optimizer.
    public var optimizer: String
    /// Names and shapes of the declared tensors; nil for counts that were made elsewhere.
    public var tensors: [DeclaredTensor]?
    /// Number of parameters that the model was asked for.
    public var proposedFor: Int?
    /// What the request's probe found.
    public var measured: Double?
    /// How near it came to what is matched; nil where parameters are.
    public var matched: MatchFigure?

    /// For counts that were made elsewhere: the other initialiser asks a model and counts.
    public init(configuration: ConfigurationJSON, parameters: Int, initialisation: String, optimizer: String = "") {
        self.configuration = configuration
        self.parameters = parameters
        self.initialisation = initialisation
        self.optimizer = optimizer
    }
}

extension SizedModel {
    /// Asks `factory` for a proposal, puts the user's settings over it and makes the model once, without memory for its parameters.
    ///
    /// Runs code of the plugin: `ProcessSizer` does it in a process of its own.
    ///
    /// - Parameter begin: told the function of the contract that is called next.
    /// - Throws: `SizingRefusal`, and what `begin` throws.
    public init(
        _ factory: any ModelFactory, _ request: SizingRequest, begin: (SizingRefusal.Stage) throws -> Void = { _ in }
    ) throws {
        func ask<Result>(_ stage: SizingRefusal.Stage, _ body: () throws -> Result) throws -> Result {
            try begin(stage)
            do {
                return try body()
            } catch let error as SequenceModelError {
                throw SizingRefusal(stage: stage, isFault: error.code == .internal, message: error.message)
            }
        }
        let budget = Budget(parameters: request.parameters, alphabet: request.alphabet ?? 256, context: request.context)
        var configuration = try ask(.propose) { try factory.propose(budget) }
        if let settings = request.settings.value.objectValue, !settings.isEmpty {
            configuration = .object((configuration.objectValue ?? JSONObject()).merging(settings))
        }
        let resolved = try ask(.resolve) { try factory.resolve(configuration) }
        let declarations = try ask(.create) { try factory.create(resolved, services: NoHostServices()).parameters }
        self.init(
            configuration: ConfigurationJSON(resolved), parameters: ParameterSummary.count(declarations),
            initialisation: ParameterSummary.initialisation(declarations),
            optimizer: ParameterSummary.optimizer(declarations))
        tensors = SizedModel.tensors(declarations)
        proposedFor = request.parameters
        if let probe = request.probe {
            measured = try ask(.measure) { try probe.measure(factory, resolved, parameters: parameters) }
        }
    }
}
