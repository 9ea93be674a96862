import PluginHost
import SequenceModel
import TestSupport
import Testing

@Suite struct ZooErrorTests {
    @Test func exitStatuses() {
        let expected: [(ZooError.Code, Int32)] = [
            (.negative, 1), (.data, 2), (.plugin, 2), (.usage, 64), (.internalBug, 70), (.temporary, 75),
            (.interrupted, 130),
        ]
        #expect(expected.count == ZooError.Code.allCases.count)
        for (code, status) in expected { #expect(code.exitStatus == status) }
    }

    @Test(arguments: [
        (SequenceModelError.Code.cancelled, ZooError.Code.interrupted), (.invalidArgument, .data),
        (.resourceExhausted, .temporary), (.internal, .plugin), (.dataLoss, .data), (.unimplemented, .data),
    ])
    func fromModels(code: SequenceModelError.Code, expected: ZooError.Code) {
        let error = ZooError(SequenceModelError(code, "hidden_size is 0"), while: "training bigram")
        #expect(error.code == expected)
        #expect(error.message == "training bigram: hidden_size is 0")
        #expect("\(error)" == error.message)
    }

    @Test func abiBenchmarkMeasuresSomething() throws {
        let figures = try AbiBenchmark.measure(pluginAt: TestPlugins.bigram.get())
        #expect(figures.nanosecondsPerCall > 0 && figures.loadMilliseconds > 0)
    }
}
