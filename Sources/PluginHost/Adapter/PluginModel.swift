import CSequenceModel
import SequenceModel

/// An instance of a plugin as the Swift protocol: hands arrays through as they are and turns statuses into errors.
final class PluginModel: SequenceModel {
    let description: ModelDescription
    let configuration: JSONValue
    let shape: ModelShape
    let parameters: [ParameterDeclaration]
    let instance: PluginInstance
    let extensions: PluginExtensions
    /// Keeps bound memory alive, where it belongs to an object.
    var memoryOwner: AnyObject?

    private static let maximumParameters: UInt64 = 1_000_000

    /// Reads shape and declarations. Throws `.internal` when the instance says something the contract rules out.
    init(
        description: ModelDescription, configuration: JSONValue, instance: PluginInstance, extensions: PluginExtensions
    ) throws {
        self.description = description
        self.configuration = configuration
        self.instance = instance
        self.extensions = extensions
        do {
            shape = try PluginModel.readShape(instance)
            parameters = try PluginModel.readParameters(instance)
        } catch let fault as ForeignFault {
            throw SequenceModelError(.internal, "\(description.id) breaks the plugin contract: \(fault.message)")
        }
    }

    private static func readShape(_ instance: PluginInstance) throws -> ModelShape {
        var foreign = sm_shape()
        foreign.struct_size = UInt32(MemoryLayout<sm_shape>.size)
        foreign.mask_symbol = -1
        try withUnsafeMutablePointer(to: &foreign) { foreign in
            try instance.errors.check("shape") {
                instance.functions.shape?(instance.pointer, foreign, $0) ?? SM_UNIMPLEMENTED
            }
        }
        guard foreign.vocabulary > 0, foreign.vocabulary <= 1 << 24 else {
            throw ForeignFault("vocabulary \(foreign.vocabulary); allowed: 1 to \(1 << 24)")
        }
        guard foreign.alphabet > 0, foreign.alphabet <= foreign.vocabulary else {
            throw ForeignFault("alphabet \(foreign.alphabet); allowed: 1 to the vocabulary, \(foreign.vocabulary)")
        }
        guard foreign.mask_symbol >= -1 else { throw ForeignFault("mask symbol \(foreign.mask_symbol)") }
        return ModelShape(
            vocabulary: Int(foreign.vocabulary), alphabet: Int(foreign.alphabet),
            maskSymbol: foreign.mask_symbol < 0 ? nil : Int(foreign.mask_symbol),
            maximumTokens: foreign.maximum_tokens == 0 ? nil : Int(clamping: foreign.maximum_tokens))
    }

    private static func readParameters(_ instance: PluginInstance) throws -> [ParameterDeclaration] {
        let count = CallJournal.during("parameter_count") { instance.functions.parameter_count?(instance.pointer) ?? 0 }
        guard count <= maximumParameters else {
            throw ForeignFault("\(count) parameters; allowed: at most \(maximumParameters)")
        }
        var declarations: [ParameterDeclaration] = []
        declarations.reserveCapacity(Int(count))
        for index in 0 ..< count {
            var foreign = sm_parameter()
            foreign.struct_size = UInt32(MemoryLayout<sm_parameter>.size)
            try withUnsafeMutablePointer(to: &foreign) { foreign in
                try instance.errors.check("parameter") {
                    instance.functions.parameter?(instance.pointer, index, foreign, $0) ?? SM_UNIMPLEMENTED
                }
            }
            declarations.append(try ParameterDeclaration(foreign: foreign, index: Int(index)))
        }
        try ParameterDeclaration.check(declarations)
        return declarations
    }

    func absent(_ function: String) -> SequenceModelError {
        SequenceModelError(.unimplemented, "\(description.id) does not offer \(function)")
    }

    func initialise(parameter index: Int, key: RandomKey, into values: TensorView) throws {
        guard let initialise = instance.functions.initialise else { throw absent("initialise") }
        guard parameters.indices.contains(index) else {
            throw SequenceModelError(.notFound, "there is no parameter \(index); the model has \(parameters.count)")
        }
        try values.check(against: parameters[index], "tensor for")
        try TensorView.withForeign([values]) { tensor in
            guard let tensor else { return }
            try instance.errors.check("initialise") {
                initialise(instance.pointer, UInt64(index), sm_key(key), tensor, $0)
            }
        }
    }

    func bind(parameters views: [TensorView], gradients: [TensorView]?) throws {
        guard let bind = instance.functions.bind else { throw absent("bind") }
        guard instance.openSessions == 0 else {
            throw SequenceModelError(
                .failedPrecondition, "bind: \(instance.openSessions) sessions are open; they must be closed first")
        }
        try check(views, "parameter")
        if let gradients { try check(gradients, "gradient of") }
        let scalars = Set((views + (gradients ?? [])).map(\.scalar.byteCount))
        guard scalars.count <= 1 else {
            throw SequenceModelError(.invalidArgument, "bind: tensors of both float32 and float64; one type is needed")
        }
        try TensorView.withForeign(views) { tensors in
            // A model without parameters still gets an address.
            var none = sm_tensor()
            try withUnsafePointer(to: &none) { none in
                try TensorView.withForeign(gradients ?? []) { gradientTensors in
                    try instance.errors.check("bind") {
                        bind(
                            instance.pointer, tensors ?? none, gradients == nil ? nil : gradientTensors ?? none,
                            UInt64(views.count), $0)
                    }
                }
            }
        }
    }

    private func check(_ views: [TensorView], _ what: String) throws {
        guard views.count == parameters.count else {
            throw SequenceModelError(
                .invalidArgument, "bind: \(views.count) tensors; the model has \(parameters.count) parameters")
        }
        for (view, declaration) in zip(views, parameters) { try view.check(against: declaration, what) }
    }

    func parametersChanged() {
        CallJournal.during("parameters_changed") { instance.functions.parameters_changed?(instance.pointer) }
    }
}
