import PluginHost
import SequenceModel
import Training

extension ComparisonPlanner {
    /// The settings under which each model is evaluated again after its training, by model id.
    ///
    /// - Parameter answers: of the candidates, in their order; models without a configuration get none.
    /// - Throws: `ZooError` (`.usage`): a model that is not compared, a key that no model has, a value that a model does not take, one that
    ///   changes what its parameters are.
    func variants(
        of candidates: [Candidate], _ answers: [SizingAnswer], warn: (String) -> Void
    ) throws -> [String: [VariantSetting]] {
        var result: [String: [VariantSetting]] = [:]
        for axis in request.variants {
            let targets = zip(candidates, answers).filter { axis.model == nil || axis.model == $0.0.description.id }
            guard !targets.isEmpty else { throw notCompared(axis, candidates) }
            let takers = targets.filter { has(axis.key, $0.0.description) }
            guard !takers.isEmpty else { throw unknownKey(axis, targets.map(\.0)) }
            if takers.count < targets.count {
                let others = targets.map(\.0.description.id).filter { id in !takers.contains { $0.0.description.id == id } }
                warn("--vary \(axis.name) does not change \(others.joined(separator: ", ")): no such key there")
            }
            for (candidate, answer) in takers {
                guard case .sized(let sized) = answer else { continue }
                let id = candidate.description.id
                for value in axis.values {
                    let setting = try setting(axis, value, candidate, sized)
                    guard result[id]?.contains(where: { $0.key == setting.key && $0.value == setting.value }) != true else {
                        throw ZooError(.usage, "--vary \(id).\(setting.text) is there twice", hint: "name each value once")
                    }
                    result[id, default: []].append(setting)
                }
            }
        }
        return result
    }

    private func keys(_ description: ModelDescription) -> [String] {
        let schema = try? JSONParser.parse(description.configurationSchema)
        return schema?["properties"]?.objectValue?.keys ?? []
    }

    private func generationKeys(_ description: ModelDescription) -> [String] {
        description.capabilities.contains(.generates) ? VariantSetting.generationKeys : []
    }

    private func has(_ key: String, _ description: ModelDescription) -> Bool {
        keys(description).contains(key) || generationKeys(description).contains(key)
    }

    private func setting(
        _ axis: VariantAxis, _ value: JSONValue, _ candidate: Candidate, _ sized: SizedModel
    ) throws -> VariantSetting {
        let description = candidate.description
        let name = "--vary \(description.id).\(axis.key)=\(value.stringValue ?? value.description)"
        guard keys(description).contains(axis.key) else {
            // The names of samplers are the model's: it says in the run which it has.
            if axis.key == "steps", (value.integerValue ?? 0) < 1 {
                throw ZooError(.usage, "\(name): steps of generation are whole numbers of at least 1")
            }
            if axis.key == "sampler", value.stringValue == nil { throw ZooError(.usage, "\(name): a sampler has a name") }
            return VariantSetting(key: axis.key, value: value, isGeneration: true)
        }
        var settings = sized.configuration.value.objectValue ?? JSONObject()
        settings[axis.key] = value
        let answer = try sizer.size(
            SizingRequest(
                plugin: candidate.plugin, model: description.id, parameters: sized.proposedFor ?? request.parameters,
                context: request.training.context, settings: settings))
        switch answer {
        case .refused(let refusal): throw ZooError(refusal.isFault ? .plugin : .usage, "\(name): \(refusal.message)", cause: refusal)
        case .failed(let failure): throw ZooError(.plugin, "\(name): \(description.id) \(failure.detail)")
        case .sized(let other):
            if let difference = SizedModel.difference(sized.tensors ?? [], other.tensors ?? []) {
                throw ZooError(
                    .usage, "\(name) changes the parameters: \(difference); --vary evaluates one set of weights",
                    hint: "train one model for each value: --set \(description.id).\(axis.key)=… in comparisons of their own")
            }
        }
        return VariantSetting(key: axis.key, value: value)
    }

    private func notCompared(_ axis: VariantAxis, _ candidates: [Candidate]) -> ZooError {
        let known = candidates.map(\.description.id)
        let near = nearestName(to: axis.model ?? "", among: known).map { "did you mean \($0).\(axis.key)?" }
        return ZooError(
            .usage, "--vary \(axis.name): \(axis.model ?? "") is not compared; the models are \(known.joined(separator: ", "))",
            hint: near)
    }

    private func unknownKey(_ axis: VariantAxis, _ targets: [Candidate]) -> ZooError {
        let known = Set(targets.flatMap { keys($0.description) + generationKeys($0.description) }).sorted()
        let prefix = axis.model.map { $0 + "." } ?? ""
        let akin = known.filter { $0.contains(axis.key) }
        let near = nearestName(to: axis.key, among: known)
        let hint =
            near.map { "did you mean \(prefix)\($0)?" }
            ?? (akin.isEmpty ? "the keys are \(known.joined(separator: ", "))" : "keys with that in their name: \(akin.joined(separator: ", "))")
        let place = targets.count == 1 ? "\(targets[0].description.id) has no key" : "none of the models has a key"
        return ZooError(.usage, "--vary \(axis.name): \(place) \(axis.key)", hint: hint)
    }
}
