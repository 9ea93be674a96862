import Experiments
@testable import Report
import SequenceModel
import Testing

struct LearningLineTests {
    private func row(_ points: [(Int, Double)], seconds: [Double]? = nil) -> ResultRow {
        var row = fakeResults(models: 1).rows[0]
        row.curve = points.map { CurvePoint(tokens: $0.0, bitsPerByte: $0.1) }
        row.curveSeconds = seconds ?? points.map { Double($0.0) / 10 }
        return row
    }

    @Test func meanAndBandOverSeeds() throws {
        let line = try #require(LearningLine([row([(10, 4), (20, 3)]), row([(10, 6), (20, 5)])], context: 16))
        #expect(line.tokens == [10, 20] && line.bits == [5, 4] && line.low == [4, 3] && line.high == [6, 5])
        #expect(line.seconds == [1, 2] && line.seeds == 2)
    }

    /// Curves with other points are read off between their own, over the stretch that all have.
    @Test func otherPointsAreInterpolated() throws {
        let line = try #require(LearningLine([row([(10, 4), (20, 2), (30, 1)]), row([(15, 4), (25, 2)], seconds: [3, 5])], context: 16))
        #expect(line.tokens == [20, 25] && line.bits == [2.5, 1.75])
        #expect(line.low == [2, 1.5] && line.high == [3, 2] && line.seconds == [3, 3.75])
    }

    @Test func oneSeedHasNoBandAndALongCurveIsThinned() throws {
        let line = try #require(LearningLine([row((1 ... 1000).map { ($0, Double(1001 - $0)) })], context: 16))
        #expect(line.low.isEmpty && line.tokens.count == LearningLine.maximumPoints)
        #expect(line.tokens.first == 1 && line.tokens.last == 1000 && line.bits.last == 1)
        #expect(zip(line.tokens, line.bits).allSatisfy { Double(1001 - $0) == $1 })
    }

    @Test func curvesWithoutACommonStretchHaveNoLine() {
        #expect(LearningLine([row([(10, 4), (20, 3)]), row([(30, 4), (40, 3)])], context: 16) == nil)
        #expect(LearningLine([row([])], context: 16) == nil && LearningLine([], context: 16) == nil)
    }

    /// 6 · N, here 6,000, and 12 · layers · heads · width for each pair; T (T + 1) / 2 pairs in T tokens of a causal model, T² of one that sees both sides.
    @Test func operationsByConvention() throws {
        var row = row([(10, 4), (20, 3)])
        row.parameters = 1000
        row.config = ConfigurationJSON(.object(["num_hidden_layers": 2, "num_attention_heads": 4, "hidden_size": 64].mapIntegers))
        #expect(row.operationsPerToken(context: 16) == 19_056.0)
        row.likelihood = .upperBound
        #expect(row.operationsPerToken(context: 16) == 30_576.0)
        row.config = ConfigurationJSON(.object([:]))
        row.trainTokens = 100
        #expect(row.operations(context: 16) == 600_000)
        row.parameters = nil
        #expect(row.operations(context: 16) == nil)
    }
}

extension [String: Int] {
    fileprivate var mapIntegers: JSONObject {
        sorted { $0.key < $1.key }.reduce(into: JSONObject()) { $0[$1.key] = .integer(Int64($1.value)) }
    }
}
