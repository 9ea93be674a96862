import Experiments
import Foundation
@testable import Report
import SequenceModel
import Testing

/// Other settings on the same weights, and sizes that are matched, on the page and on the terminal.
struct VariantReportTests {
    private func results() -> ComparisonResults {
        var results = fakeResults(models: 3)
        for (value, bits) in [(0, 8.0), (1, 2.75), (2, 2.5)] {
            var figure = VariantFigure(VariantSetting(key: "thoughts<", value: .integer(Int64(value))), isTrained: value == 2)
            figure.bitsPerByte = bits
            figure.scoreTokensPerSecond = 1000 / Double(value + 1)
            results.rows[0].variants.append(figure)
            var steps = VariantFigure(VariantSetting(key: "steps", value: .integer(Int64(4 << value)), isGeneration: true))
            steps.generateTokensPerSecond = 500 / Double(value + 1)
            steps.sampleBitsPerByte = 3.5 - Double(value)
            steps.sampleStandardError = 0.1
            steps.sampleDistinct = 0.9
            steps.textBitsPerByte = 1.25
            steps.textDistinct = 0.97
            results.rows[2].variants.append(steps)
        }
        return results
    }

    @Test func curvesAndTables() throws {
        let html = try ReportPage(results(), chartLibrary: "/* Chart.js v0 */").html()
        let part = try #require(html.components(separatedBy: "id=\"variants\"").last?.components(separatedBy: "</section>").first)
        for id in ["variant-0-bits", "variant-0-speed", "variant-1-samples", "variant-1-speed"] { #expect(part.contains("id=\"\(id)\"")) }
        #expect(!part.contains("variant-0-samples") && !part.contains("variant-1-bits"))
        #expect(part.contains("thoughts&lt;") && !part.contains("thoughts<"))
        #expect(part.contains("<th scope=\"row\">0</th><td>8.000</td><td>1.00k</td>"))
        #expect(part.contains("<td>1.500 ± 0.196</td><td>90 %</td>") && part.contains("true text") && part.contains("<td>1.250</td><td>97 %</td>"))
        #expect(html.contains("\"variants\"") && html.contains("(variants ?? [])"))
        // Without Chart.js the tables alone; without variants nothing.
        #expect(try !ReportPage(results(), chartLibrary: nil).html().contains("<canvas id=\"variant"))
        #expect(try !ReportPage(fakeResults(models: 3), chartLibrary: nil).html().contains("id=\"variants\""))
    }

    @Test func onTheTerminal() {
        let text = ComparisonTable.text(results())
        #expect(text.contains("transformer on the same weights, by thoughts<\nthoughts<  bits/byte  score tok/s\n"))
        #expect(text.contains("\n        2      2.500          333  trained\n"))
        #expect(text.contains("diffusion on the same weights, by steps\n") && text.contains("\ntrue text                          1.250      97 %\n"), "\(text)")
        #expect(text.contains("judged: bits per byte that an n-gram model"))
    }

    @Test func matchedSizes() throws {
        var results = fakeResults(models: 2)
        results.budget.match = MatchTarget(by: .state, value: 65_536)
        results.rows[0].matched = MatchFigure(value: 66_000, deviation: 0.007, proposedFor: 1)
        results.rows[1].matched = MatchFigure(value: 52_429, deviation: -0.2, proposedFor: 1)
        let html = try ReportPage(results, chartLibrary: nil).html()
        #expect(html.contains("<h1>transformer and mamba at 64 KiB of state</h1>"))
        let line = "Sized to equal state, 64 KiB of state: transformer 64.5 KiB of state (+1 %), mamba 51.2 KiB of state (−20 %)."
        #expect(html.contains(line) && ComparisonTable.text(results).contains(line))
        #expect(try ReportPage(fakeResults(models: 2), chartLibrary: nil).html().contains("<h1>transformer and mamba at 1M parameters</h1>"))
    }
}
