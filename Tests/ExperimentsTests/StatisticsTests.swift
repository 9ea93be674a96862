import Experiments
import Testing

struct StatisticsTests {
    /// Half widths worked out by hand: t(0.975, 2) = 4.303, values 2.4, 2.5, 2.6 have standard deviation 0.1.
    @Test func intervalOverSeeds() throws {
        let rows = [2.4, 2.5, 2.6].enumerated().map { exampleRow(seed: UInt64($0.offset + 1), bits: $0.element) }
        let summary = try #require(ModelSummary.summarise(rows).first)
        #expect(abs((summary.bitsPerByte ?? 0) - 2.5) < 1e-12)
        #expect(abs((summary.halfWidth ?? 0) - 4.303 * 0.1 / 3.0.squareRoot()) < 1e-9)
        #expect(summary.ranks == nil)
    }

    @Test func oneSeedOfABoundHasItsOwnError() throws {
        var row = exampleRow(likelihood: .upperBound)
        row.bitsPerByteStandardError = 0.01
        #expect(ModelSummary.summarise([row])[0].halfWidth == 1.96 * 0.01)
        #expect(ModelSummary.summarise([exampleRow()])[0].halfWidth == nil)
    }

    @Test func overlappingIntervalsShareRanks() {
        func rows(_ model: String, _ center: Double) -> [ResultRow] {
            [-0.01, 0, 0.01].enumerated().map {
                exampleRow(model, seed: UInt64($0.offset + 1), bits: center + $0.element)
            }
        }
        let summaries = ModelSummary.summarise(rows("c", 3) + rows("b", 2.03) + rows("a", 2))
        #expect(summaries.map(\.model) == ["a", "b", "c"])
        #expect(summaries.map(\.ranks) == [1 ... 2, 1 ... 2, 3 ... 3])
    }

    @Test func kindsAreNeverRankedTogether() {
        let rows = [
            exampleRow("bound", seed: 1, bits: 1, likelihood: .upperBound), exampleRow("exact", seed: 1, bits: 2),
            exampleRow("bound", seed: 2, bits: 1.01, likelihood: .upperBound), exampleRow("exact", seed: 2, bits: 2.01),
            exampleRow("other", seed: 1, bits: 3), exampleRow("other", seed: 2, bits: 3.01),
        ]
        let summaries = ModelSummary.summarise(rows)
        #expect(summaries.map(\.model) == ["exact", "other", "bound"])
        #expect(summaries.map(\.ranks) == [1 ... 1, 2 ... 2, nil])
    }

    @Test func failuresComeLastAndAreCounted() {
        var failed = exampleRow("a", seed: 2, bits: nil)
        failed.status = .diverged
        failed.detail = "x"
        var dead = exampleRow("b", bits: nil)
        dead.status = .crashed
        dead.detail = "x"
        let summaries = ModelSummary.summarise([dead, exampleRow("a"), failed])
        #expect(summaries.map(\.model) == ["a", "b"])
        #expect(summaries.map(\.statusText) == ["1 ok, 1 diverged", "crashed"])
        #expect(summaries[0].bitsPerByte == 2.5 && summaries[1].bitsPerByte == nil)
    }
}
