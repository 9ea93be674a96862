import Experiments
import Foundation
@testable import Report
import SequenceModel
import Testing

struct ExportTests {
    /// Every field that an encoding names is in the data it is of, and every data set that a chart names is there.
    @Test func vegaLiteIsWhole() throws {
        let spec = try JSONParser.parse(VegaLiteExport.text(fakeResults(models: 5, seeds: 2)))
        #expect(spec["$schema"]?.stringValue == "https://vega.github.io/schema/vega-lite/v5.json")
        let sets = try #require(spec["datasets"]?.objectValue)
        let charts = try #require(spec["vconcat"]?.arrayValue)
        #expect(charts.count == 4 && sets.keys == ["bits", "curves", "decoding"])
        for chart in charts {
            let name = try #require(chart["data"]?["name"]?.stringValue)
            let rows = try #require(sets[name]?.arrayValue)
            let known = Set(rows.flatMap { $0.objectValue?.keys ?? [] })
            let named = fields(chart)
            #expect(named.count >= 3 && named.isSubset(of: known), "\(name): \(named.subtracting(known))")
        }
        #expect(sets["bits"]?.arrayValue?.count == 5)
        #expect(sets["curves"]?.arrayValue?.count == fakeResults(models: 5, seeds: 2).rows.reduce(0) { $0 + $1.curve.count })
    }

    private func fields(_ value: JSONValue) -> Set<String> {
        switch value {
        case .array(let items): return items.reduce(into: []) { $0.formUnion(fields($1)) }
        case .object(let object):
            return object.keys.reduce(into: []) { found, key in
                guard let member = object[key] else { return }
                if key == "field", let name = member.stringValue { found.insert(name) } else { found.formUnion(fields(member)) }
            }
        default: return []
        }
    }

    @Test func chartsWithoutDataAreLeftOut() throws {
        var results = fakeResults(models: 1)
        results.rows[0].decode = []
        results.rows[0].curve = []
        results.rows[0].curveSeconds = []
        let spec = try JSONParser.parse(VegaLiteExport.text(results))
        #expect(spec["vconcat"]?.arrayValue?.count == 1 && spec["datasets"]?.objectValue?.keys == ["bits"])
    }

    /// RFC 4180, and nothing that a spreadsheet would run.
    @Test func cellsAreSafe() {
        #expect(CSVExport.text("a,b") == "\"a,b\"" && CSVExport.text("a\"b") == "\"a\"\"b\"" && CSVExport.text("a\nb") == "\"a\nb\"")
        #expect(CSVExport.text("a\r\nb") == "\"a\r\nb\"" && CSVExport.text("a\rb") == "\"a\rb\"")
        for start in ["=", "+", "-", "@", "\t", "\r"] {
            let text = CSVExport.text(start + "1")
            #expect(text.hasPrefix("'") || text.hasPrefix("\"'"), "\(text)")
        }
    }

    /// Stages are frames in which what is new is marked; the text of a plugin stays text.
    @Test func refinementIsShownAsStages() throws {
        var results = fakeResults(models: 3)
        results.rows[2].samples[0].stages = [
            RefinementStage(step: 4, steps: 8, parts: [.init(kind: .new, text: "<a>"), .init(kind: .unknown, text: "░░")]),
            RefinementStage(step: 8, steps: 8, parts: [.init(kind: .kept, text: "<a>"), .init(kind: .new, text: "bc")]),
        ]
        let html = try ReportPage(results, chartLibrary: nil).html()
        #expect(html.contains("after step 4 of 8</p>") && html.contains("after all 8 steps</p>"))
        #expect(html.contains("<ins>&lt;a&gt;</ins><span class=\"unknown\">░░</span>") && html.contains("&lt;a&gt;<ins>bc</ins>"))
    }

    /// One command for all seeds of a row where their own differ in the seed alone.
    @Test func eachRowHasItsCommand() throws {
        var results = fakeResults(models: 1, seeds: 3, withFailures: false)
        for (index, seed) in [1, 2, 3].enumerated() {
            results.rows[index].command = "zoo compare transformer --seeds \(seed), --steps 3 --out transformer-seed-\(seed)"
        }
        results.command += " --plugins mine"
        var html = try ReportPage(results, chartLibrary: nil).html()
        #expect(html.contains("<pre class=\"command\">zoo compare transformer --seeds 1,2,3 --steps 3 --out transformer-again --plugins mine</pre>"))
        results.rows[1].command = "zoo compare transformer --seeds 2, --steps 4 --out transformer-seed-2"
        html = try ReportPage(results, chartLibrary: nil).html()
        #expect(html.components(separatedBy: "<pre class=\"command\">").count - 1 == 3)
        // Results from before commands were kept have none.
        for index in results.rows.indices { results.rows[index].command = nil }
        #expect(try !ReportPage(results, chartLibrary: nil).html().contains("class=\"command\""))
    }
}
