internal import CSequenceModel
internal import SequenceModel

/// `sm.probes/1`. The contract gives a probe's function no context of its own, and `describe` no model, so each number has a C
/// function: that is what bounds both.
enum ExportedProbes {
    /// Most probes of a model.
    static var maximumCount: Int { functions.count }
    /// Models of a library that can have probes.
    static var maximumModels: Int { describers.count }

    typealias Function =
        @convention(c) (OpaquePointer, UnsafePointer<sm_batch>, UnsafePointer<sm_tensor>, UnsafeMutablePointer<sm_error>?) -> Int32
    typealias Describer = @convention(c) (UInt32, UnsafeMutablePointer<sm_probe>, UnsafeMutablePointer<sm_error>?) -> Int32

    /// "BW->" for probe 0, 1, …
    private static let functions: [Function] = [
        { probeFunction(0, $0, $1, $2, $3) }, { probeFunction(1, $0, $1, $2, $3) }, { probeFunction(2, $0, $1, $2, $3) }, { probeFunction(3, $0, $1, $2, $3) },
        { probeFunction(4, $0, $1, $2, $3) }, { probeFunction(5, $0, $1, $2, $3) }, { probeFunction(6, $0, $1, $2, $3) }, { probeFunction(7, $0, $1, $2, $3) },
        { probeFunction(8, $0, $1, $2, $3) }, { probeFunction(9, $0, $1, $2, $3) }, { probeFunction(10, $0, $1, $2, $3) }, { probeFunction(11, $0, $1, $2, $3) },
        { probeFunction(12, $0, $1, $2, $3) }, { probeFunction(13, $0, $1, $2, $3) }, { probeFunction(14, $0, $1, $2, $3) }, { probeFunction(15, $0, $1, $2, $3) },
    ]

    /// `describe` for model 0, 1, …
    private static let describers: [Describer] = [
        { probeDescription(0, $0, $1, $2) }, { probeDescription(1, $0, $1, $2) }, { probeDescription(2, $0, $1, $2) }, { probeDescription(3, $0, $1, $2) },
        { probeDescription(4, $0, $1, $2) }, { probeDescription(5, $0, $1, $2) }, { probeDescription(6, $0, $1, $2) }, { probeDescription(7, $0, $1, $2) },
    ]

    /// The probes of a model as C structs whose strings live as long as the process. Throws `.internal` when there are too many.
    static func structs(_ factory: any ModelFactory, model: Int) throws -> [sm_probe] {
        guard let declared = try (factory as? any ProbeListing)?.declaredProbes(), !declared.isEmpty else { return [] }
        guard declared.count <= maximumCount, model < maximumModels else {
            throw SequenceModelError(
                .internal,
                "\(factory.description.id), model \(model) of this library, declares \(declared.count) probes; allowed: at most "
                    + "\(maximumCount), in the first \(maximumModels) models")
        }
        return zip(declared, functions).map { declared, function in
            var probe = sm_probe()
            probe.name = UnsafePointer(permanentText(declared.name))
            probe.summary = UnsafePointer(permanentText(declared.summary))
            probe.signature = UnsafePointer(permanentText("BW->"))
            probe.self_test = UnsafePointer(permanentText(declared.selfTest))
            probe.function = unsafeBitCast(function, to: (@convention(c) () -> Void).self)
            return probe
        }
    }

    /// The table of a model with `count` probes.
    static func table(model: Int, count: Int) -> sm_probes {
        var table = sm_probes()
        table.struct_size = UInt32(MemoryLayout<sm_probes>.size)
        table.count = UInt32(count)
        table.describe = describers[model]
        table.outputs = { handle, index, writer, error in
            answer(error) {
                let model = try instance(handle).model
                try requireArgument(isNull(writer), "json")
                guard let model = model as? any ProbeRunning else {
                    throw SequenceModelError(.notFound, "probe \(index); the model has none")
                }
                try writeText(.array([try model.probeOutput(Int(index))]), to: writer)
            }
        }
        return table
    }
}

/// What the plugin says of probe `index` of a model.
private func probeDescription(
    _ model: Int, _ index: UInt32, _ probe: UnsafeMutablePointer<sm_probe>, _ error: UnsafeMutablePointer<sm_error>?
) -> Int32 {
    answer(error) {
        try requireArgument(isNull(probe), "probe")
        let known = ExportedPlugin.current?.probes[model] ?? []
        guard known.indices.contains(Int(index)) else {
            throw SequenceModelError(.notFound, "probe \(index); there are \(known.count)")
        }
        try writeSized(known[Int(index)], to: probe, "probe")
    }
}

/// Probe `index` of an instance.
private func probeFunction(
    _ index: Int, _ handle: OpaquePointer, _ rows: UnsafePointer<sm_batch>, _ values: UnsafePointer<sm_tensor>,
    _ error: UnsafeMutablePointer<sm_error>?
) -> Int32 {
    answer(error) {
        let instance = try instance(handle)
        try requireArgument(isNull(values), "values")
        guard let model = instance.model as? any ProbeRunning else {
            throw SequenceModelError(.notFound, "probe \(index); the model has none")
        }
        let view = try instance.view(values.pointee, of: -1, "tensor to be written")
        try model.runProbe(index, try batch(rows, targetsRequired: false), into: view)
    }
}
