@testable import Experiments
import Foundation
import PluginHost
import SequenceModel
import Testing

/// Sizes that have a wanted amount of something.
struct MatchTests {
    /// Amount of `value(size)` at sizes that are multiples of `step`, none below `smallest` or above `largest`.
    private func solve(
        _ target: Double, from start: Int = 10_000, step: Int = 1, smallest: Int = 1, largest: Int = .max,
        value: @escaping (Double) -> Double
    ) throws -> (outcome: MatchSolver<Int>.Outcome, trials: Int) {
        var trials = 0
        let solver = MatchSolver<Int>(target: target) { asked in
            trials += 1
            guard asked >= smallest, asked <= largest else { return nil }
            let size = max((asked + step / 2) / step, 1) * step
            return (size, value(Double(size)))
        }
        return (try solver.solve(from: start), trials)
    }

    private func found(_ outcome: MatchSolver<Int>.Outcome) -> MatchSolver<Int>.Trial? {
        if case .found(let trial) = outcome { return trial } else { return nil }
    }

    @Test(arguments: [0.5, 1, 2], [5e3, 3.3e5, 7e7]) func powersAreMet(exponent: Double, size: Double) throws {
        let target = pow(size, exponent)
        let (outcome, trials) = try solve(target) { pow($0, exponent) }
        let trial = try #require(found(outcome))
        #expect(abs(trial.value / target - 1) <= 0.02 && trials <= 25, "\(trial) after \(trials)")
    }

    /// Sizes in steps of a third: the nearest, not the first.
    @Test func whereSizesAreCoarseTheNearestIsTaken() throws {
        let (outcome, _) = try solve(50_000, step: 20_000) { $0 }
        #expect([40_000, 60_000].contains(try #require(found(outcome)).value))
        let (nearer, _) = try solve(57_000, step: 20_000) { $0 }
        #expect(try #require(found(nearer)).value == 60_000)
    }

    @Test func modelsWithoutSmallSizes() throws {
        let (outcome, _) = try solve(150_000, from: 2000, smallest: 100_000) { $0 }
        #expect(abs(try #require(found(outcome)).value / 150_000 - 1) <= 0.02)
        // Right at the end of what there is.
        let (end, _) = try solve(101_000, from: 1_000_000, smallest: 100_000) { $0 }
        #expect(abs(try #require(found(end)).value / 101_000 - 1) <= 0.05)
    }

    @Test func outOfReachComesWithTheNearest() throws {
        guard case .outOfReach(let low) = try solve(5000, smallest: 100_000, value: { $0 }).outcome else {
            Issue.record("found")
            return
        }
        #expect(low.value >= 100_000 && low.value < 105_000)
        guard case .outOfReach(let high) = try solve(1e7, largest: 200_000, value: { $0 }).outcome else {
            Issue.record("found")
            return
        }
        #expect(high.value <= 200_000 && high.value > 190_000)
        guard case .outOfReach(let constant) = try solve(100, value: { _ in 64 }).outcome else {
            Issue.record("found")
            return
        }
        #expect(constant.value == 64)
        guard case .nothing = try solve(100, smallest: .max, value: { $0 }).outcome else {
            Issue.record("found")
            return
        }
    }

    /// A model whose state is 8 bytes for each of its width: the planner asks for measured sizes and keeps what it found.
    private let widths = StubSizer { request in
        let width = max(Int(Double(request.parameters).squareRoot()), 1)
        return .sized(StubSizer.matrix(request, width: width, measured: request.probe.map { _ in Double(8 * width) }))
    }

    private func plan(_ sizer: StubSizer, bytes: Double, earlier: [String: MatchFigure] = [:], warn: (String) -> Void = { _ in }) throws -> ComparisonPlan {
        var request = StubSizer.request()
        request.match = MatchTarget(by: .state, value: bytes)
        request.earlierMatches = earlier
        return try sizer.plan(request, [StubSizer.candidate("m")], warn: warn)
    }

    @Test func runsHaveTheSizeThatMatches() throws {
        let plan = try plan(widths, bytes: 4096)
        let run = plan.runs[0]
        let width = try #require(run.config.value["width"]?.integerValue)
        #expect(abs(Double(8 * width) / 4096 - 1) <= 0.02 && run.parameters == width * width)
        let matched = try #require(run.matched)
        #expect(matched.value == Double(8 * width) && abs(matched.deviation - (matched.value / 4096 - 1)) < 1e-12)
        #expect(run.row().matched == matched && plan.budget.match == MatchTarget(by: .state, value: 4096))
        #expect(widths.requests.allSatisfy { $0.probe?.by == .state && $0.probe?.context == 16 && $0.probe?.batch == 4 })
        // Going on takes what was found, without measuring again.
        let again = StubSizer { .sized(StubSizer.matrix($0, width: Int(Double($0.parameters).squareRoot()))) }
        let resumed = try self.plan(again, bytes: 4096, earlier: ["m": matched])
        #expect(resumed.runs[0].config == run.config && resumed.runs[0].matched == matched && again.requests.count == 1)
    }

    @Test func coarseSizesAreToldOf() throws {
        let coarse = StubSizer { request in
            let width = max(Int((Double(request.parameters).squareRoot() / 64).rounded()), 1) * 64
            return .sized(StubSizer.matrix(request, width: width, measured: Double(8 * width)))
        }
        var warnings: [String] = []
        let run = try plan(coarse, bytes: 1300) { warnings.append($0) }.runs[0]
        #expect(run.matched?.value == 1536 || run.matched?.value == 1024)
        #expect(warnings.count == 1 && warnings[0].hasPrefix("the sizes of m lie too far apart to meet 1.27 KiB of state within 5 %: the nearest has "))
    }

    @Test func whatCannotBeMatchedIsSaid() throws {
        let fixed = StubSizer { .sized(StubSizer.matrix($0, width: 100, measured: 512)) }
        let error = try #require(message { _ = try plan(fixed, bytes: 4096) })
        #expect(error.code == .data)
        #expect(error.text == "no configuration of m has 4 KiB of state within 5 %; the nearest has 512 B of state, with 10k parameters")
        let stateless = StubSizer { _ in .refused(SizingRefusal(stage: .measure, isFault: false, message: "it has no sessions: there is no state to measure")) }
        let refused = try #require(message { _ = try plan(stateless, bytes: 4096) })
        #expect(refused.text == "m cannot be matched by state: it has no sessions: there is no state to measure" && refused.hint == "compare without m")
        // A plugin that dies is rows that fail, as ever.
        let dead = StubSizer { _ in .failed(SizingFailure(status: .crashed, detail: "SIGSEGV in measure")) }
        #expect(try plan(dead, bytes: 4096).runs[0].sizingFailure?.detail == "SIGSEGV in measure")
    }

    @Test func amountsAreWritten() {
        #expect(MatchTarget(by: .state, value: 65_536).text == "64 KiB of state")
        #expect(MatchTarget(by: .operations, value: 1.234e13).text == "1.23e+13 operations")
        #expect(MatchTarget(by: .time, value: 0.025).text == "25 ms a step")
        #expect([0.034, -0.2, 0.001].map(MatchFigure.percent) == ["+3 %", "−20 %", "±0 %"])
    }

    /// 6 N T and attention, as `zoo bench train` counts them.
    @Test func operationsAreCounted() throws {
        let probe = SizeProbe(by: .operations, context: 32, batch: 4, steps: 10, threads: 1)
        let factory = CountedFactory()
        let plain = try probe.measure(factory, .object([:]), parameters: 1000)
        #expect(plain == 10 * 6 * 1000 * 128)
        let heads: JSONValue = .object(["num_hidden_layers": .integer(2), "num_attention_heads": .integer(4), "head_dim": .integer(8)])
        let attending = try probe.measure(factory, heads, parameters: 1000)
        #expect(attending - plain == 10 * 4 * 12 * 2 * 32 * Double(32 * 33 / 2))
    }
}

/// Only described: counting operations makes no model.
private struct CountedFactory: ModelFactory {
    var description: ModelDescription {
        ModelDescription(
            id: "c", name: "c", family: "", summary: "", paper: "", licence: "", likelihood: .exact, capabilities: [.causal],
            configurationSchema: "{}")
    }
    func resolve(_ configuration: JSONValue) throws -> JSONValue { configuration }
    func propose(_ budget: Budget) throws -> JSONValue { .null }
    func create(_ configuration: JSONValue, services: any HostServices) throws -> any SequenceModel {
        throw SequenceModelError(.internal, "not to be made")
    }
}
