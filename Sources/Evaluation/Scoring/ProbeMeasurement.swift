public import PluginHost
public import SequenceModel

/// What a probe says of a model over a text: the values of all windows taken together as the plugin says they are.
public struct ProbeMeasurement: Sendable, Equatable {
    /// Of the probe; unique within its model.
    public var name: String
    /// What the values are: their axes, extents, labels and unit.
    public var output: ProbeOutput
    /// Row-major.
    public var values: [Double]
    /// Windows of the text that it looked at.
    public var windows: Int

    /// Calls `probe` on windows of `bytes`, cut as `BitsPerByte` cuts them.
    ///
    /// - Parameters:
    ///   - maximumWindows: at most so many windows, from the beginning of the text; nil: all.
    ///   - progress: called after each call with the windows done and their total; what it throws stops the measurement.
    /// - Throws: `ZooError` `.usage` for a probe that takes something else than a batch, `.data` as `BitsPerByte` does, and what the probe
    ///   reports.
    public static func measure(
        _ model: any SequenceModel, _ probe: TestedProbe, bytes: ArraySlice<UInt8>, options: ScoringOptions,
        maximumWindows: Int? = nil, progress: (_ done: Int, _ total: Int) throws -> Void = { _, _ in }
    ) throws -> ProbeMeasurement {
        let id = model.description.id
        guard probe.probe.isMeasurable, let model = model as? any ProbedModel else {
            throw ZooError(
                .usage, "probe \(probe.probe.name) of \(id) has the signature \(probe.probe.signature): it cannot be measured over a text",
                hint: "what can has the signature BW-> or B->d")
        }
        try options.validate()
        let limit = maximumWindows.map { min(bytes.count, $0 * options.context + 1) } ?? bytes.count
        let windows = try BitsPerByte.checkedWindows(model, bytes: bytes.prefix(limit), context: options.context)
        let key = options.key.split("probe")
        let outputs = try model.outputs(of: probe.probe)
        guard let output = outputs.first else { throw ZooError(.plugin, "probe \(probe.probe.name) of \(id) gives nothing back") }
        var combined = Combined(output.combination, count: output.count)
        var done = 0
        for (index, group) in windows.groups(of: options.batch).enumerated() {
            let batch = windows.batch(group, key: key.split(UInt64(index)))
            let answer = try model.call(probe, [.batch(batch)])
            combined.add(answer.written.first ?? answer.results, weight: Double(batch.tokens.count))
            done += group.count
            try progress(done, windows.count)
        }
        return ProbeMeasurement(name: probe.probe.name, output: output, values: combined.values, windows: windows.count)
    }

    /// The values of some batches as one.
    private struct Combined {
        private let combination: ProbeOutput.Combination
        private var sums: [Double]
        private var weight = 0.0

        init(_ combination: ProbeOutput.Combination, count: Int) {
            self.combination = combination
            let start: Double =
                switch combination {
                case .mean, .sum: 0
                case .minimum: .infinity
                case .maximum: -.infinity
                }
            sums = [Double](repeating: start, count: count)
        }

        mutating func add(_ values: [Double], weight: Double) {
            self.weight += weight
            for (index, value) in values.enumerated() where sums.indices.contains(index) {
                switch combination {
                case .mean: sums[index] += weight * value
                case .sum: sums[index] += value
                // Not a number stays: `min` would lose it.
                case .minimum: sums[index] = value.isNaN ? value : sums[index].isNaN ? sums[index] : min(sums[index], value)
                case .maximum: sums[index] = value.isNaN ? value : sums[index].isNaN ? sums[index] : max(sums[index], value)
                }
            }
        }

        var values: [Double] { combination == .mean ? sums.map { $0 / weight } : sums }
    }
}
