/// The machine that the figures hold for.
public struct MachineSummary: Codable, Sendable, Equatable {
    /// As the processor names itself.
    public var processor: String
    /// Processors that this process may use.
    public var processors: Int
    /// Threads that each run used.
    public var threads: Int
    /// All memory of the machine; 0 where the system does not say.
    public var memoryBytes: Int
    /// Name of the distribution; "unknown system" where it does not say.
    public var system: String
    /// Environment variables that change speed, such as `OPENBLAS_CORETYPE`, with their values.
    public var environment: [String: String]

    /// For a machine that was described elsewhere; `current(threads:)` asks this one.
    public init(
        processor: String, processors: Int, threads: Int, memoryBytes: Int, system: String,
        environment: [String: String] = [:]
    ) {
        self.processor = processor
        self.processors = processors
        self.threads = threads
        self.memoryBytes = memoryBytes
        self.system = system
        self.environment = environment
    }

    enum CodingKeys: String, CodingKey {
        case processor, processors, threads
        case memoryBytes = "memory_bytes"
        case system, environment
    }
}
