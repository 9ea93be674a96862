import Experiments
import Foundation
@testable import Report
import Testing

struct TuningPlotTests {
    private func rows(_ points: [(String, String, Double?, Bool)]) throws -> [TuningRow] {
        let items = points.map { model, settings, bits, chosen in
            """
            {"model": "\(model)", "settings": \(settings), "seed": 0, "status": "\(bits == nil ? "diverged" : "ok")", "detail": "",
             "validation_bits_per_byte": \(bits.map { "\($0)" } ?? "null"), "seconds": 1, "chosen": \(chosen)}
            """
        }
        return try JSONDecoder().decode([TuningRow].self, from: Data("[\(items.joined(separator: ","))]".utf8))
    }

    @Test func profileIsTheBestOverTheOtherOptions() throws {
        let rows = try rows([
            ("a", #"{"learning_rate": 0.001, "clip": 1}"#, 2.5, false), ("a", #"{"learning_rate": 0.001, "clip": 2}"#, 2.25, false),
            ("a", #"{"learning_rate": 0.01, "clip": 1}"#, 2.0, true), ("a", #"{"learning_rate": 0.01, "clip": 2}"#, 3, false),
            ("a", #"{"learning_rate": 0.1, "clip": 1}"#, nil, false), ("a", #"{"learning_rate": 0.1, "clip": 2}"#, nil, false),
        ])
        #expect(TuningPlot.keys(rows) == ["clip", "learning_rate"])
        let plot = try #require(TuningPlot(rows, key: "learning_rate"))
        let profile = try #require(plot.profiles.first)
        #expect(profile.values == [0.001, 0.01, 0.1] && profile.above == [0.25, 0, nil] && profile.chosen == 0.01)
        let svg = plot.figures({ $0 }, { _ in "#000000" })
        #expect(svg.contains("learning_rate 0.001: +0.250") && svg.contains("learning_rate 0.01: +0.000, chosen") && svg.contains(">×</text>"))
    }

    /// One bad point does not flatten the others: it is drawn at the edge, with its number.
    @Test func whatIsFarOffIsAtTheEdge() throws {
        let plot = try #require(
            TuningPlot(
                rows([("a", #"{"learning_rate": 0.1}"#, 9, false), ("a", #"{"learning_rate": 0.2}"#, 2, true), ("a", #"{"learning_rate": 0.4}"#, 2.1, false)]),
                key: "learning_rate"))
        #expect(plot.scale == "0.500" && plot.figures({ $0 }, { _ in "" }).contains(">+7.00</text>"))
    }

    @Test func sensitivityIsInThePage() throws {
        var results = fakeResults(models: 1)
        results.tuning = try rows([
            ("transformer", #"{"learning_rate": 0.001}"#, 2.5, false), ("transformer", #"{"learning_rate": 0.003}"#, 2.25, true),
            ("transformer", #"{"learning_rate": 0.01}"#, 2.75, false),
        ])
        let html = try ReportPage(results, chartLibrary: nil).html()
        #expect(html.contains("Sensitivity to learning_rate") && html.contains("<svg class=\"tuning\""))
        #expect(html.contains("<td>+0.250</td><td>0.500</td>"), "second best and spread")
        #expect(CSVExport.tuning(results).contains("transformer,learning_rate=0.003,0,ok,,2.25,1.0,1\r\n"))
        // What is not a number has no place on an axis.
        results.tuning = try rows([("transformer", #"{"schedule": "cosine"}"#, 2.5, false), ("transformer", #"{"schedule": "constant"}"#, 2.25, true)])
        #expect(try !ReportPage(results, chartLibrary: nil).html().contains("Sensitivity"))
    }
}
