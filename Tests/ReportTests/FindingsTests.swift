import Experiments
import Foundation
@testable import Report
import Testing

struct FindingsTests {
    private func sentences(_ results: ComparisonResults) -> [String: String] {
        let page = ReportPage(results, chartLibrary: nil)
        let found = Findings(results, page.summaries, page.pairs).sentences
        return Dictionary(uniqueKeysWithValues: found.map { ($0.topic, $0.text) })
    }

    /// Models by name with the bits of each seed; other figures as `fakeResults` has them.
    private func results(_ bits: [(String, [Double])], likelihood: LikelihoodKind = .exact) -> ComparisonResults {
        var results = fakeResults(models: 1, seeds: 1, withFailures: false)
        let row = results.rows[0]
        results.rows = bits.flatMap { model, values in
            values.enumerated().map { index, value in
                var copy = row
                (copy.model, copy.seed, copy.bitsPerByte, copy.likelihood) = (model, UInt64(index + 1), value, likelihood)
                return copy
            }
        }
        results.budget.seeds = (1 ... UInt64(bits.map(\.1.count).max() ?? 1)).map { $0 }
        return results
    }

    @Test func separateIntervalsHaveAWinner() {
        let text = sentences(results([("a", [2.0, 2.01, 2.02]), ("b", [2.5, 2.51, 2.52]), ("c", [2.4, 2.41, 2.42])]))
        #expect(text["Quality"] == "a is best: 2.010 ± 0.025 bits per byte on the test text; next is c with 2.410 ± 0.025.")
    }

    /// Overlapping intervals name no winner, say what would tell, and leave out who is clearly behind.
    @Test func overlappingIntervalsHaveNone() throws {
        let text = try #require(sentences(results([("a", [2.00, 2.06, 2.02]), ("b", [2.04, 2.02, 2.07]), ("c", [3, 3.01, 3.02])]))["Quality"])
        #expect(text.hasPrefix("the data do not tell a and b apart for the first place (2.027 ± 0.076 to 2.043 ± 0.063 bits per byte). Between a and b, 0.017 ± "))
        #expect(text.contains(" seeds would, at the scatter seen here: --seeds "), "\(text)")
        #expect(!text.contains("best"))
    }

    /// The intervals overlap, but every seed says the same.
    @Test func pairsMayTellWhatIntervalsCannot() throws {
        let text = try #require(sentences(results([("a", [2.0, 2.2, 2.4]), ("b", [2.05, 2.251, 2.452])]))["Quality"])
        #expect(text.contains("do not tell a and b apart") && text.contains("Compared seed by seed, a is better than b by 0.051 ± 0.002."), "\(text)")
    }

    @Test func oneSeedHasNoWinner() throws {
        let text = sentences(results([("a", [2.0]), ("b", [2.5])]))
        let quality = try #require(text["Quality"])
        #expect(quality.hasPrefix("one seed each") && quality.contains("--seeds 3") && !quality.contains("is best"))
        #expect(text["Training speed"]?.contains("measured once each") == true)
    }

    @Test func aModelWithOneSeedBesideOthersIsNotJudged() throws {
        let text = try #require(sentences(results([("a", [2.0, 2.01]), ("b", [2.5, 2.51]), ("c", [1.0])]))["Quality"])
        #expect(text.hasPrefix("a is best") && text.hasSuffix(" Not judged, with one run that ended well: c."), "\(text)")
    }

    /// Bounds are judged among themselves, however low they are.
    @Test func boundsAreApart() throws {
        var both = results([("a", [2.0, 2.01, 2.02]), ("b", [2.5, 2.51, 2.52])])
        both.rows += results([("x", [1.0, 1.01, 1.02]), ("y", [1.5, 1.51, 1.52])], likelihood: .upperBound).rows
        let text = sentences(both)
        #expect(text["Quality"]?.hasPrefix("a is best: 2.010") == true)
        #expect(text["Quality, upper bounds"]?.hasPrefix("x is best: at most 1.010") == true)
    }

    /// Bytes are counted: one measurement is enough, and equal ones share the place.
    @Test func sizesNeedNoInterval() {
        var three = results([("a", [2.0]), ("b", [2.5]), ("c", [2.6])])
        for (index, bytes) in [4096, 4096, 8192].enumerated() {
            three.rows[index].decode = [256, 1024].map {
                DecodeFigure(context: $0, tokensPerSecond: 10, stateBytes: index == 2 ? bytes * $0 / 1024 : bytes)
            }
        }
        #expect(
            sentences(three)["State after 1k tokens"]
                == "a and b have the smallest, 4 KiB; c the largest, 8 KiB. It does not grow with the context in a and b.")
        #expect(sentences(three)["Failures"] == nil)
        three.rows[0].status = .crashed
        #expect(sentences(three)["Failures"] == "1 of 3 runs failed, of a; why is told under Every run.")
    }

    /// Bits per byte of the same models in any order give the same verdict; touching intervals overlap.
    @Test func verdictOfIntervals() {
        let apart = [("b", [3.0, 3.0]), ("a", [1.0, 1.0]), ("c", [2.0, 2.0])]
        #expect(Leaders(apart, lowerIsBetter: true).verdict == .clear(first: "a", next: "c"))
        #expect(Leaders(apart, lowerIsBetter: false).verdict == .clear(first: "b", next: "c"))
        #expect(Leaders([("a", [1.0, 1.0]), ("b", [1.0, 1.0])], lowerIsBetter: true).verdict == .tied(["a", "b"]))
        #expect(Leaders([("a", [1.0]), ("b", [2.0])], lowerIsBetter: true).verdict == .unknown)
        #expect(Leaders([("a", [1.0]), ("b", [])], lowerIsBetter: true).verdict == .alone("a"))
    }

    @Test func thePageBeginsWithThem() throws {
        let html = try ReportPage(fakeResults(models: 4, seeds: 3), chartLibrary: nil).html()
        let found = try #require(html.range(of: "id=\"findings\""))
        let table = try #require(html.range(of: "<section id=\"results\""))
        #expect(found.lowerBound < table.lowerBound && html.contains("<nav aria-label=\"Contents\"><a href=\"#findings\">"))
    }
}
