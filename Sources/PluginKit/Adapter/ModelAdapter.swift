internal import Layers
internal import SequenceModel
internal import Tensor

/// A `TensorModel` as a `SequenceModel`: validates, binds, runs.
final class ModelAdapter<Model: TensorModel>: SequenceModel {
    let description: ModelDescription
    let configuration: JSONValue
    let shape: ModelShape
    let parameters: [ParameterDeclaration]
    let model: Model
    var execution: Execution { context.execution }
    let context: SessionContext
    private let all: [Parameter]
    private let services: ServicesBox
    private(set) var hasGradients = false

    init(_ configuration: Model.Configuration, description: ModelDescription, services: any HostServices) throws {
        self.description = description
        self.configuration = try configuration.json()
        let declared = Parameters()
        model = try Model(configuration, declared)
        try declared.check()
        all = declared.all
        parameters = all.map(\.declaration)
        shape = model.shape
        self.services = ServicesBox(services)
        let names = parameters.map { "\($0.name)\($0.shape)" }.joined(separator: ",")
        context = SessionContext(
            services: self.services, shape: shape, description: "\(description.id)\n\(self.configuration)\n\(names)",
            fingerprint: { [all] in fingerprint(of: all) })
    }

    // MARK: - Parameters

    func initialise(parameter index: Int, key: RandomKey, into values: TensorView) throws {
        guard all.indices.contains(index) else {
            throw SequenceModelError(.notFound, "parameter \(index); there are \(all.count)")
        }
        let parameter = all[index]
        guard let custom = parameter.custom else {
            throw SequenceModelError(.invalidArgument, "\(parameter.declaration.name) is initialised by the host")
        }
        guard values.shape == parameter.shape else {
            throw SequenceModelError(
                .invalidArgument, "\(parameter.declaration.name): shape \(values.shape); declared: \(parameter.shape)")
        }
        var stream = key.stream
        let drawn = custom(&stream)
        guard drawn.count == values.count else {
            throw SequenceModelError(
                .internal, "\(parameter.declaration.name): \(drawn.count) values drawn for shape \(parameter.shape)")
        }
        values.write(drawn)
    }

    func bind(parameters views: [TensorView], gradients: [TensorView]?) throws {
        try checkViews(views, "parameter", scalar: views.first?.scalar)
        if let gradients { try checkViews(gradients, "gradient of", scalar: views.first?.scalar) }
        let type: ScalarType = views.first?.scalar == .float64 ? .float64 : .float32
        for (index, parameter) in all.enumerated() {
            if let owner = parameter.tiedTo {
                parameter.bind(owner.tensor)
            } else {
                let slope = parameter.declaration.isBuffer ? nil : gradients?[index].data
                parameter.bind(.leaf(borrowing: views[index].data, gradient: slope, shape: parameter.shape, type: type))
            }
        }
        hasGradients = gradients != nil
        context.scalarType = type
        context.epoch += 1
        model.parametersChanged()
    }

    private func checkViews(_ views: [TensorView], _ role: String, scalar: TensorView.Scalar?) throws {
        guard views.count == all.count else {
            throw SequenceModelError(.invalidArgument, "\(views.count) tensors given; this model has \(all.count) parameters")
        }
        for (view, parameter) in zip(views, all) {
            guard view.shape == parameter.shape else {
                throw SequenceModelError(
                    .invalidArgument,
                    "\(role) \"\(parameter.declaration.name)\": shape \(view.shape); declared: \(parameter.shape)")
            }
            guard view.scalar == scalar else {
                throw SequenceModelError(
                    .invalidArgument, "\(role) \"\(parameter.declaration.name)\" has another scalar type than the first tensor")
            }
        }
    }

    func parametersChanged() { model.parametersChanged() }

    func checkBound() throws {
        guard context.isBound else { throw SequenceModelError(.failedPrecondition, "the model's parameters are not bound") }
    }

    // MARK: - Sessions and generation

    func openSession(rows: Int) throws -> any SequenceSession {
        try checkBound()
        guard rows > 0 else { throw SequenceModelError(.invalidArgument, "rows is \(rows); at least 1") }
        return KitSession(try openCore(rows: rows), context: context)
    }

    private func openCore(rows: Int) throws -> any SessionCore {
        try context.run { try model.openSession(rows: rows, scalarType: context.scalarType) }
    }

    func loadSession(_ state: [UInt8]) throws -> any SequenceSession {
        try checkBound()
        let saved = try SavedState(state, identity: context.identity())
        let core = try openCore(rows: saved.rows)
        try context.run { try core.restore(saved.payload, position: saved.position) }
        return KitSession(core, context: context)
    }

    func generate(_ request: GenerationRequest, sink: (GenerationEvent) -> Bool) throws {
        try checkBound()
        let limit = max(shape.alphabet, (shape.maskSymbol ?? -1) + 1)
        for (index, symbol) in request.prompt.enumerated() where symbol < 0 || symbol >= limit {
            throw SequenceModelError(
                .invalidArgument, "symbol \(symbol) at position \(index) of the prompt; allowed: 0 to \(limit - 1)")
        }
        try context.run { try model.generate(request, sink: sink) }
    }

    func postUpdate(step: Int) throws {
        try checkBound()
        try context.run { try model.postUpdate(step: step) }
    }
}
