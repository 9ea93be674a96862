@testable import Experiments
import Testing

struct DifferenceTests {
    private func results(_ bits: [String: [Double]], change: (inout ResultRow) -> Void = { _ in }) -> ComparisonResults {
        let rows = bits.sorted { $0.key < $1.key }.flatMap { model, values in
            values.enumerated().map { index, value in
                var row = exampleRow(model, seed: UInt64(index + 1), bits: value)
                row.decode = [DecodeFigure(context: 256, tokensPerSecond: 100, stateBytes: 512)]
                change(&row)
                return row
            }
        }
        return exampleResults(rows)
    }

    private func bits(_ difference: ResultsDifference, _ model: String = "a") throws -> FigureChange {
        try #require(difference.figures.first { $0.model == model && $0.figure == "bits_per_byte" })
    }

    @Test func theSameIsTheSame() {
        let one = results(["a": [2, 2.1, 2.2], "b": [3, 3.1, 3.2]])
        let difference = ResultsDifference(old: one, new: one)
        #expect(difference.circumstances.isEmpty && difference.added.isEmpty && difference.removed.isEmpty && !difference.isWorse)
        #expect(difference.figures.allSatisfy { $0.change == 0 && !$0.isSignificant })
    }

    /// The same seeds: the scatter that both share does not count.
    @Test func theSameSeedsArePaired() throws {
        let change = try bits(ResultsDifference(old: results(["a": [2, 2.5, 3]]), new: results(["a": [2.1, 2.61, 3.11]])))
        #expect(change.method == .paired && abs(change.change - 0.32 / 3) < 1e-12)
        // s = 0.00577, t₂ = 4.303
        #expect(abs((change.halfWidth ?? 0) - 4.303 * 0.0057735 / 3.0.squareRoot()) < 1e-5)
        #expect(change.isSignificant && change.isWorse)
    }

    /// Welch's example: means 20 and 22, variances 4 and 1 … by hand: t = 2 / √(4/3 + 1/3), 2.94 degrees of freedom, taken as 2.
    @Test func otherSeedsAreWelchs() throws {
        var new = results(["a": [21, 22, 23]])
        for index in new.rows.indices { new.rows[index].seed += 10 }
        let change = try bits(ResultsDifference(old: results(["a": [18, 20, 22]]), new: new))
        #expect(change.method == .welch && change.change == 2)
        #expect(abs((change.halfWidth ?? 0) - 4.303 * (5.0 / 3).squareRoot()) < 1e-9)
        #expect(!change.isSignificant)
    }

    @Test func oneRunSaysNothing() throws {
        let difference = ResultsDifference(old: results(["a": [2]]), new: results(["a": [3]]))
        let change = try bits(difference)
        #expect(change.method == .none && change.halfWidth == nil && !change.isSignificant && !difference.isWorse)
    }

    @Test func modelsComeAndGo() {
        let difference = ResultsDifference(old: results(["a": [2], "b": [2]]), new: results(["b": [2], "c": [2]]))
        #expect(difference.added == ["c"] && difference.removed == ["a"] && Set(difference.figures.map(\.model)) == ["b"])
    }

    /// A failure that was none before is worse, whatever the figures say.
    @Test func failuresAreWorse() {
        var new = results(["a": [2, 2.1]])
        new.rows[1].status = .crashed
        new.rows[1].detail = "SIGSEGV"
        let difference = ResultsDifference(old: results(["a": [2, 2.1]]), new: new)
        #expect(difference.endings == [.init(model: "a", old: "ok", new: "1 ok, 1 crashed", isWorse: true)] && difference.isWorse)
        #expect(!ResultsDifference(old: new, new: results(["a": [2, 2.1]])).isWorse)
    }

    /// State is counted: more of it is worse without any test.
    @Test func sizesAreExact() throws {
        let old = results(["a": [2]])
        let new = results(["a": [2]]) { $0.decode[0].stateBytes = 513 }
        let difference = ResultsDifference(old: old, new: new)
        let state = try #require(difference.figures.first { $0.figure == "state_bytes_256" })
        #expect(state.method == .exact && state.isSignificant && state.isWorse && difference.isWorse)
        #expect(!ResultsDifference(old: new, new: old).isWorse)
    }

    /// What another text or machine changed says nothing about the model.
    @Test func circumstancesTakeTheMeaning() throws {
        let old = results(["a": [2, 2.1, 2.2]])
        var new = results(["a": [3, 3.1, 3.2]]) { $0.trainTokensPerSecond = 10 }
        #expect(try bits(ResultsDifference(old: old, new: new)).isSignificant)
        new.data.sha256 = "other"
        new.machine.processor = "Q"
        new.rows[0].pluginSHA256 = "cd34"
        new.budget.steps = 20
        let difference = ResultsDifference(old: old, new: new)
        #expect(difference.circumstances.map(\.name) == ["budget.steps", "data.sha256", "machine.processor", "plugin of a"])
        let change = try bits(difference)
        #expect(change.reservation == "another budget, another text" && !change.isSignificant && change.corrected == nil)
        let speed = try #require(difference.figures.first { $0.figure == "train_tokens_per_second" })
        #expect(speed.reservation == "another machine" && !difference.isWorse)
    }

    /// Holm over all models: a change that would pass alone does not beside many.
    @Test func manyTestsAreCorrected() throws {
        let alone = ResultsDifference(old: results(["a": [2, 2.5, 3]]), new: results(["a": [2.10, 2.63, 3.12]]))
        let change = try bits(alone)
        #expect((change.probability ?? 1) < 0.05)
        var (old, new) = (["a": [2, 2.5, 3.0]], ["a": [2.10, 2.63, 3.12]])
        for index in 0 ..< 20 { (old["m\(index)"], new["m\(index)"]) = ([2, 2.5, 3], [2.1, 2.3, 3.05]) }
        let many = try bits(ResultsDifference(old: results(old), new: results(new)))
        #expect(many.probability == change.probability && (many.corrected ?? 0) > 0.05 && !many.isSignificant)
    }
}
