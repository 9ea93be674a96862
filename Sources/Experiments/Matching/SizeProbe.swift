import Evaluation
import PluginHost
import SequenceModel
import Training

/// What is measured of a configuration while a model is sized, beside its parameters.
public struct SizeProbe: Codable, Sendable, Equatable {
    /// `parameters` is not measured: it is counted anyway.
    public var by: MatchTarget.Quantity
    /// T, B and steps of the training that is planned.
    public var context: Int
    /// B
    public var batch: Int
    /// Of the whole run.
    public var steps: Int
    /// Of the run.
    public var threads: Int
    /// Seconds that timed steps may take together.
    public var limitSeconds: Double

    /// Takes the values as they are.
    public init(
        by: MatchTarget.Quantity, context: Int, batch: Int, steps: Int, threads: Int, limitSeconds: Double = 8
    ) {
        self.by = by
        self.context = context
        self.batch = batch
        self.steps = steps
        self.threads = threads
        self.limitSeconds = limitSeconds
    }

    /// The amount that a model of this configuration has. Runs code of the plugin, with memory for the parameters where it must.
    ///
    /// - Throws: what the model throws; `ZooError(.temporary)` without memory.
    func measure(_ factory: any ModelFactory, _ configuration: JSONValue, parameters: Int) throws -> Double {
        switch by {
        case .parameters: return Double(parameters)
        case .operations:
            let attention = AttentionOperations.training(
                configuration, rows: batch, length: context, isCausal: factory.description.capabilities.contains(.causal))
            return Double(steps) * (6 * Double(parameters) * Double(batch * context) + attention)
        case .state:
            let (model, memory) = try made(factory, configuration, ThreadPool(threads: threads), gradients: false)
            return try withExtendedLifetime(memory) { try Double(StateSize.measure(model, context: context)) }
        case .time:
            let services = ThreadPool(threads: threads)
            let (model, memory) = try made(factory, configuration, services, gradients: true)
            let optimizer = try AdamW(memory: memory, options: AdamWOptions(), services: services)
            return try StepTime.measure(
                model, rows: batch, length: context, optimizer: optimizer, limitSeconds: limitSeconds
            ) { memory.zeroGradients() }
        }
    }

    private func made(
        _ factory: any ModelFactory, _ configuration: JSONValue, _ services: ThreadPool, gradients: Bool
    ) throws -> (any SequenceModel, ParameterMemory) {
        let model = try factory.create(configuration, services: services)
        let memory = try ParameterMemory(for: model, gradients: gradients)
        try memory.bind(to: model)
        try memory.initialise(model, seed: 1)
        return (model, memory)
    }
}
