import Evaluation
import SequenceModel
import TestSupport
import Testing

@testable import PluginHost

/// Probes over a text: windows of several lengths become one figure as the plugin says.
@Suite struct ProbeMeasurementTests {
    private static let path = Result { try TestPlugins.compile("probing.c") }
    /// 62 bytes below 5, so that the last window is shorter; the last byte is a target alone.
    private let bytes: [UInt8] = (0 ..< 63).map { (index: Int) -> UInt8 in
        if index == 40 { return 4 }
        return index == 62 ? 0 : UInt8(index * index % 11 % 4)
    }

    /// How often each of five symbols is in `bytes`.
    private func counted(_ bytes: ArraySlice<UInt8>) -> [Double] {
        var counts = [Double](repeating: 0, count: 5)
        for byte in bytes { counts[Int(byte)] += 1 }
        return counts
    }

    private func measure(_ name: String, windows: Int? = nil, batch: Int = 2) throws -> ProbeMeasurement {
        let model = try Plugin.load(ProbeMeasurementTests.path.get()).models[0].create(
            .object(["vocab_size": .integer(5), "hidden_size": .integer(3)]), services: NoHostServices())
        let memory = try ParameterMemory(for: model, gradients: false)
        try memory.bind(to: model)
        let probes = try #require(model as? any ProbedModel).probes
        return try ProbeMeasurement.measure(
            model, TestedProbe(ModelProbe.named(name, in: probes, of: "bigram")), bytes: bytes[...],
            options: ScoringOptions(context: 10, batch: batch), maximumWindows: windows)
    }

    private var read: ArraySlice<UInt8> { bytes.dropLast() }

    @Test(arguments: [1, 2, 16])
    func combines(batch: Int) throws {
        let counts = try measure("counts", batch: batch)
        #expect(counts.values == counted(read))
        #expect(counts.windows == 7 && counts.output.axes == ["symbol"] && counts.output.unit == "times")
        let mean = try measure("mean_symbol", batch: batch)
        let expected = read.reduce(0.0) { $0 + Double($1) } / 62
        #expect(abs(mean.values[0] - expected) < 1e-12 && mean.output.axes.isEmpty)
        #expect(try measure("lowest", batch: batch).values == [0])
        #expect(try measure("highest", batch: batch).values == [Double(read.max() ?? 0)])
    }

    @Test func beginningAlone() throws {
        let counts = try measure("counts", windows: 3)
        #expect(counts.windows == 3 && counts.values.reduce(0, +) == 30)
        #expect(counts.values == counted(bytes.prefix(30)))
        #expect(try measure("counts", windows: 100).windows == 7)
    }

    @Test func otherSignatures() {
        #expect {
            _ = try measure("add")
        } throws: { error in
            (error as? ZooError)?.message == "probe add of bigram has the signature id->id: it cannot be measured over a text"
        }
    }
}
