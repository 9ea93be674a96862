import SequenceModel
import Testing

@testable import Evaluation

@Suite("Decoding measured")
struct DecodeMeasurementTests {
    static let quick = DecodeOptions(budgetSeconds: 5, blockTokens: 4, blocks: 3, prefillChunk: 50)

    @Test("state bytes are what save wrote at the context, not what the model claims", arguments: [true, false])
    func stateBytes(rewinds: Bool) throws {
        let model = AnalyticModel()
        model.sessionOptions.rewinds = rewinds
        let results = try DecodeMeasurement.measure(model, contexts: [16, 120], options: Self.quick)
        #expect(results.map(\.context) == [16, 120])
        #expect(results.map(\.stateBytes) == [24 + 8 * 16, 24 + 8 * 120])
        #expect(results.allSatisfy { $0.method == .session && $0.reason == nil && $0.tokensMeasured == 12 })
    }

    @Test("rates are tokens over seconds")
    func rates() throws {
        let model = AnalyticModel()
        model.sessionOptions.secondsPerToken = 0.002
        let result = try #require(
            try DecodeMeasurement.measure(model, contexts: [20], options: Self.quick).first)
        // No faster than the session can be; how much slower depends on who else uses the machine.
        let rate = try #require(result.tokensPerSecond)
        let prefill = try #require(result.prefillTokensPerSecond)
        #expect(rate <= 500 && rate > 5)
        #expect(prefill <= 500 && prefill > 5)
    }

    @Test("recomputing sessions are marked")
    func recomputing() throws {
        let model = AnalyticModel(capabilities: [.causal, .session, .recomputingSession])
        #expect(try DecodeMeasurement.measure(model, contexts: [8], options: Self.quick).first?.method == .recomputing)
    }

    @Test("a context that takes too long, or that the model cannot take, is null with its reason")
    func reasons() throws {
        let slow = AnalyticModel()
        slow.sessionOptions.secondsPerToken = 0.001
        let options = DecodeOptions(budgetSeconds: 0.05, blockTokens: 4, blocks: 3, prefillChunk: 60)
        let late = try #require(try DecodeMeasurement.measure(slow, contexts: [1000], options: options).first)
        #expect(late.tokensPerSecond == nil)
        #expect(late.stateBytes == nil)
        #expect(late.reason == "60 of 1000 tokens were read when the 0.05 s for this context were spent")

        let short = AnalyticModel(maximumTokens: 64)
        let refused = try DecodeMeasurement.measure(short, contexts: [32, 1000], options: Self.quick)
        #expect(refused[0].tokensPerSecond != nil)
        #expect(refused[1].reason == "this model takes at most 64 tokens")

        let limited = AnalyticModel()
        limited.sessionOptions.limit = 50
        let exhausted = try #require(try DecodeMeasurement.measure(limited, contexts: [100], options: Self.quick).first)
        #expect(exhausted.reason == "at most 50 tokens")
        #expect(exhausted.tokensPerSecond == nil)

        let neither = AnalyticModel(capabilities: [])
        let none = try #require(try DecodeMeasurement.measure(neither, contexts: [8]).first)
        #expect(none.method == .none)
        #expect(none.reason == "analytic neither decodes nor generates")
    }

    @Test("models that do not decode left to right are timed with their sampler")
    func generation() throws {
        let model = AnalyticModel(capabilities: [.targetsInPlace, .generates], maskSymbol: 256)
        let result = try #require(try DecodeMeasurement.measure(model, contexts: [32], options: Self.quick).first)
        #expect(result.method == .generation)
        #expect(result.tokensPerSecond != nil)
        #expect(result.prefillTokensPerSecond == nil)
        #expect(result.stateBytes == nil)
        #expect(result.tokensMeasured == 12)

        // Each step takes at least 20 ms, so that 40 of them take longer than the budget.
        model.sessionOptions.secondsPerToken = 0.02
        func late(_ budget: Double) throws -> DecodeMeasurement {
            let options = DecodeOptions(budgetSeconds: budget, blockTokens: 40, blocks: 3)
            return try #require(try DecodeMeasurement.measure(model, contexts: [64], options: options).first)
        }
        let extrapolated = try late(0.6)
        let rate = try #require(extrapolated.tokensPerSecond)
        #expect(rate <= 50)
        #expect(extrapolated.tokensMeasured == 0)
        #expect(extrapolated.reason?.hasPrefix("extrapolated: ") == true)
        let none = try late(0.01)
        #expect(none.tokensPerSecond == nil)
        #expect(none.reason?.hasPrefix("0 of ") == true)
    }

    @Test("the median of an even number is the mean of the two in the middle")
    func medians() {
        #expect(median([]) == nil)
        #expect(median([3, 1, 2]) == 2)
        #expect(median([4, 1, 2, 3]) == 2.5)
    }
}
