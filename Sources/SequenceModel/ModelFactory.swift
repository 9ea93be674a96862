/// Makes configured models of one architecture. A plugin holds one or more.
public protocol ModelFactory {
    /// What the architecture says of itself.
    var description: ModelDescription { get }
    /// The full configuration that `configuration` (a JSON object) stands for. Throws `.invalidArgument` that names the key.
    func resolve(_ configuration: JSONValue) throws -> JSONValue
    /// A full configuration within 5 % of `budget.parameters`. Throws `.invalidArgument` when there is none.
    func propose(_ budget: Budget) throws -> JSONValue
    /// A model whose parameters are declared but not bound. `services` outlives it. Throws `.invalidArgument` that names the key.
    func create(_ configuration: JSONValue, services: any HostServices) throws -> any SequenceModel
}
