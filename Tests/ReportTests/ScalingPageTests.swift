import Foundation
import SequenceModel
import Testing

@testable import Experiments
@testable import Report

/// The page and the tables of a scaling study.
struct ScalingPageTests {
    /// Two models on a grid of four sizes and four token counts: one with two seeds and little noise, one lost in it.
    static let results: ScalingResults? = try? {
        let budget = fakeResults(models: 1)
        var cells: [(results: ComparisonResults, folder: ComparisonFolder)] = []
        var stream = RandomKey(seed: 1).split("page").stream
        for size in [100_000, 200_000, 400_000, 800_000] {
            for steps in [100, 200, 400, 800] {
                var found = budget
                found.command = "zoo scale transformer <b>mamba</b> --out runs/scale"
                found.budget = ComparisonBudget(parameters: size, context: 256, batch: 16, steps: steps, seeds: [1, 2])
                let tokens = steps * 4096
                found.rows = ["transformer", "mamba"].flatMap { model in
                    (1 ... 2).map { seed in
                        var row = ResultRow(
                            model: model, name: model, family: "f", pluginSHA256: "ab", config: ConfigurationJSON(.object(JSONObject())),
                            seed: UInt64(seed), parameters: size, learningRate: 0.001, likelihood: .exact)
                        row.trainTokens = tokens
                        row.seconds = 2e-11 * Double(size) * Double(tokens)
                        let loss = 0.7 + 60 * pow(Double(size), -0.45) + 90 * pow(Double(tokens), -0.38)
                        row.bitsPerByte = loss / log(2) * exp((model == "mamba" ? 0.1 : 0.002) * stream.normal())
                        return row
                    }
                }
                if size == 800_000, steps == 800 {
                    found.rows[3].status = .crashed
                    found.rows[3].detail = "SIGSEGV </script><b>"
                }
                cells.append((found, ComparisonFolder("/none")))
            }
        }
        return try ScalingResults(cells, replicates: 60)
    }()

    @Test func theTableSaysWhatHolds() throws {
        let results = try #require(Self.results)
        let text = ScalingTable.text(results)
        for title in [
            "Loss on the test part, nats a byte, mean over seeds\n", "L = E + A/N^α + B/D^β, with 95 % intervals\n",
            "The most expensive configurations, left out of the fit and predicted\n", "The best size and tokens for a budget of operations\n",
            "The best size and tokens for seconds of training on this machine\n", "The best size at equal operations, from parabolas\n",
        ] { #expect(text.contains(title), "\(title)") }
        let lines = text.split(separator: "\n")
        #expect(lines.contains { $0.hasPrefix("transformer  exact       32 in 16") && $0.hasSuffix("usable") && !$0.hasSuffix("not usable") }, "\(text)")
        #expect(lines.contains { $0.hasPrefix("mamba        exact       31 in 16") && $0.hasSuffix("not usable") }, "\(text)")
        // Of the noisy model nothing is extrapolated, and why is said.
        #expect(!lines.contains { $0.hasPrefix("mamba") && $0.hasSuffix("extrapolated") })
        #expect(lines.contains { $0.hasPrefix("transformer") && $0.hasSuffix("extrapolated") }, "\(text)")
        #expect(text.contains("mamba: not carried beyond the runs: "))
        #expect(text.contains("mamba, 800k × 3.28M tokens, seed 2: crashed: SIGSEGV"))
        // In a narrow terminal no line of a table is cut in two.
        for line in ScalingTable.text(results, width: 80).split(separator: "\n") where !line.contains("─") { #expect(line.count <= 84, "\(line)") }
    }

    @Test func thePageIsCompleteAndSafe() throws {
        let results = try #require(Self.results)
        let page = try ScalingPage(results, chartLibrary: "/* Chart.js v0 */").html()
        #expect(page == (try ScalingPage(results, chartLibrary: "/* Chart.js v0 */").html()))
        #expect(!page.contains("<b>mamba</b>") && !page.contains("SIGSEGV </script>"))
        for id in ["losses", "frontier-size", "frontier-tokens", "model-1-tokens", "model-1-sizes", "model-1-residuals", "model-1-profiles", "model-2-tokens"] {
            #expect(page.contains("id=\"chart-\(id)\""), "\(id)")
        }
        for section in ["laws", "held-out", "frontier", "model-1", "model-2", "method"] { #expect(page.contains("<section id=\"\(section)\"")) }
        #expect(!page.contains("http://") && !page.contains("https://") && !page.contains(" onclick"))
        let tables = page.components(separatedBy: "<table>").count
        #expect(tables == page.components(separatedBy: "</table>").count && tables > 7)
        let plain = try ScalingPage(results, chartLibrary: nil).html()
        #expect(!plain.contains("<canvas") && plain.contains("apt install libjs-chart.js"))
    }

    /// Residuals, intervals and laws in the charts are those of the results.
    @Test func chartsShowTheResults() throws {
        let results = try #require(Self.results)
        let charts = ScalingPage(results, chartLibrary: nil).charts
        let model = try #require(results.models.first)
        let residuals = try #require(charts.first { $0.id == "model-1-residuals" })
        let shown = residuals.series.filter { $0.dash == nil }.flatMap { $0.points.map { $0[1] } }.sorted()
        let expected = (model.fit?.residuals ?? []).map { 100 * (exp($0) - 1) }.sorted()
        #expect(shown.count == 32 && zip(shown, expected).allSatisfy { abs($0 - $1) < 1e-9 })
        let frontier = try #require(charts.first { $0.id == "frontier-size" }?.series.first)
        #expect(frontier.points.map { $0[1] } == model.operations?.points.map(\.parameters.estimate))
        #expect(frontier.bars.count == frontier.points.count)
        let curves = try #require(charts.first { $0.id == "model-1-tokens" })
        #expect(curves.series.filter { !$0.label.isEmpty }.map(\.label) == ["100k", "200k", "400k", "800k"])
    }

    @Test func nothingToShowIsAPage() throws {
        var empty = try #require(Self.results)
        empty.points = []
        empty.models = []
        let page = try ScalingPage(empty, chartLibrary: nil).html()
        #expect(page.contains("An empty scaling study"))
        #expect(ScalingTable.text(empty).contains("crashed"))
    }

    @Test func costsStandInTheReportOfAComparison() throws {
        let results = fakeResults(models: 4, seeds: 1, withFailures: false)
        let page = try ReportPage(results, chartLibrary: nil).html()
        #expect(page.contains("<h2 id=\"cost-title\">Cost against context</h2>"))
        #expect(page.contains("tokens on, mamba decodes faster than transformer.</li>"), "\(CostCurves(results).crossovers.map(\.sentence))")
        // A comparison without decoding has no such section.
        var silent = results
        for index in silent.rows.indices { silent.rows[index].decode = [] }
        #expect(try !ReportPage(silent, chartLibrary: nil).html().contains("id=\"cost\""))
    }

    @Test func pairsThatNeverCrossAreOneSentence() {
        func curve(_ model: String, _ value: Double) -> CostCurve {
            CostCurve(model: model, metric: .decoding, points: [256, 1024, 4096].map { .init(context: $0, value: value) })
        }
        let analysis = CostCurves([curve("lstm", 1e-3), curve("mamba", 2e-3), curve("s4d", 3e-3)])
        #expect(
            CostTable.sentences(analysis).steady == [
                "at every context from 256 to 4k tokens, lstm decodes faster than mamba and s4d",
                "at every context from 256 to 4k tokens, mamba decodes faster than s4d",
            ])
    }

    @Test func costsAreATable() {
        func figure(_ kind: CostRequest.Kind, _ context: Int, _ seconds: Double, state: Int? = nil, reason: String = "") -> CostFigure {
            var figure = CostFigure(kind: kind, context: context, reason: reason)
            figure.secondsPerToken = reason.isEmpty ? seconds : nil
            figure.stateBytes = state
            figure.method = kind == .decoding ? "session" : ""
            return figure
        }
        let contexts = [256, 1024, 4096, 16384]
        let results = CostResults(
            machine: fakeResults(models: 1).machine, parameters: 1_000_000, pricePerHour: 0.1,
            models: [
                .init(
                    model: "transformer", parameters: 1_000_000, config: ConfigurationJSON(.object(JSONObject())),
                    figures: contexts.map { figure(.decoding, $0, 1e-6 * Double($0), state: 4096 * $0) }
                        + [figure(.training, 256, 1e-4), figure(.training, 1024, 0, reason: "took longer than 60 s")]),
                .init(
                    model: "mamba", parameters: 1_000_000, config: ConfigurationJSON(.object(JSONObject())),
                    figures: contexts.map { figure(.decoding, $0, 1e-3, state: 80_000) }),
                .init(model: "broken", parameters: nil, config: ConfigurationJSON(.object(JSONObject())), figures: [], detail: "crashed: SIGSEGV in propose"),
            ])
        let text = CostTable.text(results)
        #expect(text.contains("From 1000 tokens on, mamba decodes faster than transformer.\n"), "\(text)")
        #expect(text.contains("transformer, training at 1k: took longer than 60 s\n"))
        #expect(text.contains("broken: crashed: SIGSEGV in propose\n"))
        #expect(text.contains("A context of 1M tokens (2²⁰), carried beyond what was measured\n"))
        // 2²⁰ tokens of 1 ms are 17.5 minutes, 0.0291 at 0.10 an hour.
        #expect(text.split(separator: "\n").contains { $0.hasPrefix("mamba") && $0.contains("17 min 29 s") && $0.hasSuffix("0.0291") }, "\(text)")
    }
}
