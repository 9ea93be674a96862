internal import SequenceModel
internal import Tensor

/// A model whose probes can be run.
protocol ProbeRunning {
    /// What probe `index` gives back: axes, extents, labels, unit, combine. Throws `.notFound` past the end.
    func probeOutput(_ index: Int) throws -> JSONValue
    /// Runs probe `index` and writes its values to `values`. Throws `.invalidArgument` when their shape does not fit, and what the
    /// probe throws.
    func runProbe(_ index: Int, _ batch: Batch, into values: TensorView) throws
}

extension ModelAdapter: ProbeRunning {
    private func probe(_ index: Int) throws -> Probe<Model> {
        guard Model.probes.indices.contains(index) else {
            throw SequenceModelError(.notFound, "probe \(index); \(description.id) has \(Model.probes.count)")
        }
        return Model.probes[index]
    }

    func probeOutput(_ index: Int) throws -> JSONValue {
        let probe = try probe(index)
        return .object([
            "axes": .array(probe.axes.map { .string($0.name) }),
            "extents": .array(probe.axes.map { .integer(Int64($0.extent(model))) }),
            "labels": .array(probe.axes.map { $0.labels.map { .array($0.map { .string($0) }) } ?? .null }),
            "unit": .string(probe.unit), "combine": .string(probe.combination.rawValue),
        ])
    }

    func runProbe(_ index: Int, _ batch: Batch, into values: TensorView) throws {
        let probe = try probe(index)
        try checkBound()
        try batch.validate(for: shape)
        let extents = probe.axes.map { $0.extent(model) }
        guard values.shape == extents, values.scalar == .float64 else {
            throw SequenceModelError(
                .invalidArgument,
                "the tensor has shape \(values.shape) of \(values.scalar); \(extents) of float64 is written")
        }
        try context.run {
            let found = try probe.measure(model, batch)
            guard found.shape == extents else {
                throw SequenceModelError(
                    .internal, "probe \(probe.name) made a tensor of shape \(found.shape); its axes say \(extents)")
            }
            values.write(found.toArray())
        }
    }
}
