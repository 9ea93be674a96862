internal import SequenceModel
internal import Tensor

/// What sessions share with their model's adapter.
final class SessionContext {
    let execution: Execution
    private let services: ServicesBox
    let shape: ModelShape
    /// Counts bindings; 0 before the first.
    var epoch = 0
    /// Hash of model, configuration, declarations.
    private let model: (UInt64, UInt64)
    private let fingerprint: () -> UInt64
    var scalarType = ScalarType.float32

    init(services: ServicesBox, shape: ModelShape, description: String, fingerprint: @escaping () -> UInt64) {
        self.services = services
        execution = services.makeExecution()
        self.shape = shape
        model = (checksum(description.utf8), checksum(description.utf8, seed: 1))
        self.fingerprint = fingerprint
    }

    var isBound: Bool { epoch > 0 }

    func identity() -> StateIdentity {
        let scalar: UInt64 = scalarType == .float32 ? 0 : 1
        return StateIdentity(model: (model.0, model.1 ^ scalar), parameters: fingerprint())
    }

    /// Runs `body` on the model's threads and memory, without recording. Memory that runs out becomes `.resourceExhausted`.
    ///
    /// - Parameter isShort: nobody can wait for it: do not ask the host whether to stop.
    func run<Result>(isShort: Bool = false, _ body: () throws -> Result) throws -> Result {
        services.isDeaf = isShort
        defer { services.isDeaf = false }
        return try execution.running { try Execution.withoutRecording(body) }
    }
}

extension Execution {
    /// `run`, with its error as a status.
    func running<Result>(_ body: () throws -> Result) throws -> Result {
        do {
            return try run(body)
        } catch let error as ExecutionError {
            throw SequenceModelError(.resourceExhausted, error.description)
        }
    }
}
