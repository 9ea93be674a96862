internal import CSequenceModel
internal import SequenceModel

/// The instance behind a handle. Throws `.invalidArgument` for null.
func instance(_ handle: OpaquePointer) throws -> ExportedInstance {
    try requireArgument(isNull(handle), "instance")
    return Unmanaged<ExportedInstance>.fromOpaque(UnsafeRawPointer(handle)).takeUnretainedValue()
}

/// The plugin's main table. Each function is described in `sequence_model.h`.
func coreTable(name: String, version: String, models: UInt32) -> sm_plugin {
    var table = sm_plugin()
    table.magic = SM_MAGIC
    table.abi_major = UInt16(SM_ABI_MAJOR)
    table.abi_minor = UInt16(SM_ABI_MINOR)
    table.struct_size = UInt32(MemoryLayout<sm_plugin>.size)
    table.name = UnsafePointer(permanentText(name))
    table.version = UnsafePointer(permanentText(version))
    table.model_count = models
    addDiscovery(to: &table)
    addInstances(to: &table)
    addParameters(to: &table)
    return table
}

private func addDiscovery(to table: inout sm_plugin) {
    table.describe = { model, description, error in
        answer(error) {
            try requireArgument(isNull(description), "description")
            try writeSized(try ExportedPlugin.description(model), to: description, "description")
        }
    }
    table.resolve = { model, json, length, configuration, error in
        answer(error) {
            try requireArgument(isNull(configuration), "configuration")
            try writeText(try ExportedPlugin.factory(model).resolve(try parse(json, length)), to: configuration)
        }
    }
    table.propose = { model, budget, configuration, error in
        answer(error) {
            try requireArgument(isNull(budget), "budget")
            try requireArgument(isNull(configuration), "configuration")
            let asked = try readSized(budget, "budget", zero: sm_budget())
            guard let parameters = Int(exactly: asked.parameters), parameters > 0 else {
                throw SequenceModelError(.invalidArgument, "parameters is \(asked.parameters); allowed: at least 1")
            }
            guard asked.alphabet > 0, asked.alphabet <= UInt32(Int32.max) else {
                throw SequenceModelError(.invalidArgument, "alphabet is \(asked.alphabet); allowed: 1 to \(Int32.max)")
            }
            guard asked.context > 0, let context = Int(exactly: asked.context) else {
                throw SequenceModelError(.invalidArgument, "context is \(asked.context); allowed: at least 1")
            }
            let proposal = try ExportedPlugin.factory(model).propose(
                Budget(parameters: parameters, alphabet: Int(asked.alphabet), context: context))
            try writeText(proposal, to: configuration)
        }
    }
    table.extension = { model, id in
        guard !isNull(id), let description = try? ExportedPlugin.factory(model).description else { return nil }
        return extensionTable(String(cString: id), description.capabilities, model: model)
    }
}

private func addInstances(to table: inout sm_plugin) {
    table.create = { model, host, json, length, result, error in
        answer(error) {
            try requireArgument(isNull(result), "instance")
            result.pointee = nil
            let services = try ExportedHost(host)
            let made = try ExportedPlugin.factory(model).create(try parse(json, length), services: services)
            let instance = ExportedInstance(model: made, host: services)
            result.pointee = OpaquePointer(Unmanaged.passRetained(instance).toOpaque())
        }
    }
    table.destroy = { handle in
        guard let handle else { return }
        Unmanaged<ExportedInstance>.fromOpaque(UnsafeRawPointer(handle)).release()
    }
    table.shape = { handle, shape, error in
        answer(error) {
            let model = try instance(handle).model
            try requireArgument(isNull(shape), "shape")
            var result = sm_shape()
            result.vocabulary = UInt32(clamping: model.shape.vocabulary)
            result.alphabet = UInt32(clamping: model.shape.alphabet)
            result.mask_symbol = Int32(clamping: model.shape.maskSymbol ?? -1)
            result.maximum_tokens = UInt64(clamping: model.shape.maximumTokens ?? 0)
            try writeSized(result, to: shape, "shape")
        }
    }
}

private func addParameters(to table: inout sm_plugin) {
    table.parameter_count = { handle in UInt64((try? instance(handle).parameterCount) ?? 0) }
    table.parameter = { handle, index, parameter, error in
        answer(error) {
            let instance = try instance(handle)
            try requireArgument(isNull(parameter), "parameter")
            try writeSized(try instance.parameter(index), to: parameter, "parameter")
        }
    }
    table.initialise = { handle, index, key, values, error in
        answer(error) {
            let instance = try instance(handle)
            try requireArgument(isNull(values), "values")
            guard let index = Int(exactly: index), index < instance.parameterCount else {
                throw SequenceModelError(.invalidArgument, "parameter \(index); there are \(instance.parameterCount)")
            }
            let view = try instance.view(values.pointee, of: index, "values of")
            try instance.model.initialise(parameter: index, key: RandomKey(key.words.0, key.words.1), into: view)
        }
    }
    table.bind = { handle, parameters, gradients, count, error in
        answer(error) {
            let instance = try instance(handle)
            try requireArgument(isNull(parameters), "parameters")
            guard count == UInt64(instance.parameterCount) else {
                throw SequenceModelError(
                    .invalidArgument, "\(count) tensors given; this model has \(instance.parameterCount) parameters")
            }
            let views = try (0 ..< Int(count)).map { try instance.view(parameters[$0], of: $0, "parameter") }
            let slopes = try gradients.map { gradients in
                try (0 ..< Int(count)).map { try instance.view(gradients[$0], of: $0, "gradient of") }
            }
            try instance.model.bind(parameters: views, gradients: slopes)
        }
    }
    table.parameters_changed = { handle in (try? instance(handle))?.model.parametersChanged() }
}

/// Writes compact JSON text to a caller's writer.
func writeText(_ value: JSONValue, to writer: UnsafePointer<sm_writer>) throws {
    var text = value.description
    try text.withUTF8 { try write(UnsafeRawBufferPointer($0), to: writer) }
}
