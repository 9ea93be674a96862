internal import Layers
public import SequenceModel

/// Makes models of one architecture.
struct TensorModelFactory<Model: TensorModel>: ModelFactory {
    let description: ModelDescription
    private let modelTypes: [String]

    init() {
        let card = Model.card
        modelTypes = [card.id] + card.modelTypes
        // A configuration that cannot even write its defaults is a mistake of the author's that the first test meets.
        let schema = (try? Model.Configuration.schema(title: card.name, modelTypes: modelTypes)) ?? .object([:])
        description = ModelDescription(
            id: card.id, name: card.name, family: card.family, summary: card.summary, paper: card.paper,
            licence: card.licence, likelihood: Model.likelihood, capabilities: Model.capabilities,
            configurationSchema: schema.description)
    }

    func resolve(_ configuration: JSONValue) throws -> JSONValue {
        let resolved = try Model.Configuration.resolve(configuration, modelTypes: modelTypes)
        _ = try Proposal<Model>.parameterCount(resolved)
        return try resolved.json()
    }

    func propose(_ budget: Budget) throws -> JSONValue { try Proposal<Model>(budget: budget).best().json() }

    func create(_ configuration: JSONValue, services: any HostServices) throws -> any SequenceModel {
        try ModelAdapter<Model>(
            Model.Configuration.resolve(configuration, modelTypes: modelTypes), description: description, services: services)
    }
}

/// The factory of an architecture: what a plugin exports, and what a test in the same process uses.
public func makeFactory(_ model: any TensorModel.Type) -> any ModelFactory {
    func open<Model: TensorModel>(_ model: Model.Type) -> any ModelFactory { TensorModelFactory<Model>() }
    return open(model)
}
