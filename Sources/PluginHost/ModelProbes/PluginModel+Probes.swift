import CSequenceModel
import SequenceModel

extension PluginModel: ProbedModel {
    var probes: [ModelProbe] { extensions.modelProbes }

    func outputs(of probe: ModelProbe) throws -> [ProbeOutput] {
        guard let types = probe.types else { throw broken(probe, probe.problem ?? "its signature is not known") }
        let count = types.writtenCount + types.results.count
        guard let outputs = extensions.probes?.outputs else {
            guard types.writtenCount == 0 else { throw broken(probe, "outputs of \(SM_PROBES_1) is null") }
            return try types.results.map { _ in try ProbeOutput(.object([:]), "result") }
        }
        let bytes = try ByteWriter.collect(limit: 1 << 20) { writer in
            try instance.errors.check("outputs of sm.probes/1") { outputs(instance.pointer, probe.index, writer, $0) }
        }
        do {
            guard let list = try JSONParser.parse(bytes).arrayValue, list.count == count else {
                throw ForeignFault("its outputs are not a list of \(count)")
            }
            return try list.enumerated().map { try ProbeOutput($1, "output \($0)") }
        } catch let fault as ForeignFault {
            throw broken(probe, fault.message)
        } catch let error as SequenceModelError {
            throw broken(probe, "its outputs are not JSON: \(error.message)")
        }
    }

    func call(_ probe: TestedProbe, _ arguments: [ProbeArgument]) throws -> ProbeAnswer {
        try callUntested(probe.probe, arguments)
    }

    /// The call itself, for the process that runs self-tests.
    func callUntested(_ probe: ModelProbe, _ arguments: [ProbeArgument]) throws -> ProbeAnswer {
        guard probe.problem == nil, let types = probe.types, let function = probe.function else {
            throw broken(probe, probe.problem ?? "it has no function")
        }
        guard probes.indices.contains(Int(probe.index)), probes[Int(probe.index)].name == probe.name else {
            throw SequenceModelError(.invalidArgument, "probe \(probe.name) belongs to another model than \(description.id)")
        }
        let wanted = types.arguments.filter { $0 != .written }
        guard arguments.map(\.letter) == wanted else {
            let got = String(arguments.map(\.letter.rawValue))
            throw SequenceModelError(
                .invalidArgument,
                "probe \(probe.name) takes \"\(String(wanted.map(\.rawValue)))\" (\(types)); \"\(got)\" was given")
        }
        let written = try outputs(of: probe).prefix(types.writtenCount).map { try WrittenTensor($0, of: probe.name) }
        var rest = arguments[...]
        var tensors = written[...]
        let all = types.arguments.map { letter -> ProbeArgument? in
            letter == .written ? tensors.popFirst().map { ProbeArgument.tensor($0.view) } : rest.popFirst()
        }.compactMap { $0 }
        var results = [UInt64](repeating: 0, count: types.results.count)
        do {
            try ProbeCall(function: function, types: types, instance: instance).run(all, into: &results)
        } catch let error as SequenceModelError {
            throw SequenceModelError(error.code, "probe \(probe.name): \(error.message)")
        }
        for tensor in written where !tensor.isIntact { throw broken(probe, "it wrote past the end of its tensor") }
        return ProbeAnswer(
            results: zip(types.results, results).map { type, bits in
                type == .integer ? Double(Int64(bitPattern: bits)) : Double(bitPattern: bits)
            }, written: written.map(\.values))
    }

    private func broken(_ probe: ModelProbe, _ reason: String) -> SequenceModelError {
        SequenceModelError(.internal, "probe \(probe.name) of \(description.id): \(reason)")
    }
}
