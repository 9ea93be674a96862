import Evaluation
import Experiments
import Foundation
import PluginHost
import SequenceModel
import Testing

@testable import Report

/// Tables and page of a comparison on tasks.
struct TaskReportTests {
    /// Three models, two tasks, two seeds; the second model fails on the second task.
    static func results() throws -> ComparisonResults {
        var results = fakeResults(models: 3, seeds: 2, builtIn: false, withFailures: false)
        let accuracies = [[1, 0.98, 0.93, 0.884], [0.52, 0.5, 0.49, 0.5], [0.8, 0.7, 0.6, 0.55]]
        let tasks = [try TaskSpecification("parity"), try TaskSpecification("continual-reading")]
        results.rows = try tasks.enumerated().flatMap { number, task in
            try results.rows.enumerated().map { index, row in
                var row = row
                var found = try TaskResult(task)
                let shift = row.seed == 1 ? 0 : -0.01
                let lengths = try task.make().testLengths
                found.lengths = lengths.enumerated().map { place, length in
                    TaskLengthFigure(
                        length: length, accuracy: accuracies[index / 2][place] + shift, scaledAccuracy: 2 * accuracies[index / 2][place] - 1,
                        wholeRows: 0.5, examples: 512, answers: 512, bitsPerAnswer: row.likelihood == .none ? nil : 0.25,
                        stateBytes: index < 4 ? 1000 * (index / 2 + 1) * (place + 1) : nil)
                }
                found.curve = (1 ... 10).map { TaskCurvePoint(step: 30 * $0, accuracy: 0.5 + 0.04 * Double($0)) }
                found.solvedAtStep = index < 2 ? 120 + 30 * Int(row.seed) : nil
                if number == 1 {
                    found.documents = (1 ... 8).map {
                        TaskDocumentFigure(document: $0, carried: 0.5 + 0.05 * Double($0), fresh: 0.5, answers: 900)
                    }
                    if index == 2 {
                        row.status = .crashed
                        row.detail = "SIGSEGV (segmentation fault) after step 3"
                    }
                }
                row.bitsPerByte = nil
                row.decode = []
                row.samples = []
                row.probes = [:]
                row.task = found
                return row
            }
        }
        results.data = try DataSummary(tasks: tasks)
        results.command = "zoo compare transformer mamba diffusion --task parity --task continual-reading --seeds 2"
        return results
    }

    @Test func table() throws {
        let text = ComparisonTable.text(try TaskReportTests.results())
        #expect(text.hasPrefix("parity: accuracy at each length (learned up to 40, chance 0.500)\nmodel        parameters "))
        let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("transformer") })
        // 12.706 × 0.01 / √2 / √2
        #expect(line.contains("0.995 ± 0.064  0.975 ± 0.064  0.925 ± 0.064  0.879 ± 0.064"))
        #expect(line.contains("steps 150–180") && line.hasSuffix("ok"))
        #expect(text.contains("mamba on continual-reading, seed 1: crashed: SIGSEGV (segmentation fault) after step 3\n"))
        #expect(text.contains("transformer: documents 1 to 8, with those before 0.550 to 0.900, alone 0.500 to 0.500\n"))
        #expect(!text.contains("bits/byte"))
    }

    @Test func publishedFiguresStandBesideMeasuredOnes() throws {
        var results = try TaskReportTests.results()
        #expect(!ComparisonTable.text(results).contains("Published"))
        #expect(try !ReportPage(results, chartLibrary: nil).html().contains("published-title"))
        let parity = try TaskSpecification("parity")
        func figure(_ model: String, _ measure: PublishedFigure.Measure, _ band: ClosedRange<Double>) -> PublishedFigure {
            PublishedFigure(model: model, task: parity, measure: measure, value: 1, band: band, source: "https://example.org/<1>, table 2")
        }
        results.published = [
            figure("transformer", .accuracy, 0.99 ... 1), figure("mamba", .accuracy, 0.9 ... 1), figure("transformer", .scaledAccuracy, 0.7 ... 0.8),
            figure("lstm", .accuracy, 0 ... 1),
        ]
        let lines = ComparisonTable.text(results).split(separator: "\n").map(String.init)
        let start = try #require(lines.firstIndex(of: "Published and measured"))
        let verdicts = lines[(start + 3)...].map { line in line.split(separator: "  ").map { $0.trimmingCharacters(in: .whitespaces) } }
        #expect(verdicts.map { $0[0] } == ["transformer", "mamba", "transformer", "lstm"])
        #expect(verdicts.map { $0[1] } == ["parity, accuracy", "parity, accuracy", "parity, scaled accuracy", "parity, accuracy"])
        #expect(verdicts.map { $0[4] } == ["0.995 ± 0.064", "0.515 ± 0.064", "0.768 ± 0.000", "–"])
        #expect(verdicts.map { $0[5] } == ["reproduced", "not reproduced", "reproduced", "not measured"])
        let page = try ReportPage(results, chartLibrary: nil).html()
        #expect(page.contains("<a href=\"https://example.org/&lt;1&gt;\" rel=\"noreferrer\">https://example.org/&lt;1&gt;</a>, table 2"))
        #expect(page.contains("<a href=\"#published\">Published</a>") && page.contains("not reproduced"))
    }

    @Test func page() throws {
        let page = try ReportPage(TaskReportTests.results(), chartLibrary: nil).html()
        for expected in [
            "<title>transformer, mamba, diffusion on 2 tasks</title>", "<td class=\"heat heat10\" title=\"0.995 ± 0.064\">0.99<small>0.88 @256</small></td>",
            "<th scope=\"col\">parity<small>chance 0.50</small></th>", "One literal row", "1 ok, 1 failed", "<b>parity, at length 40</b>: transformer is right most often, 0.995 ± 0.064", "Chart.js was not found",
        ] { #expect(page.contains(expected), "\(expected)") }
        #expect(!page.contains("Bits per byte"))
        #expect(!page.contains(" style="), "the policy of the page forbids styles in elements")
        let drawn = try ReportPage(TaskReportTests.results(), chartLibrary: "/* Chart.js v3 */").html()
        for id in ["length-0", "steps-0", "memory-0", "length-1", "documents-1"] { #expect(drawn.contains("id=\"chart-task-\(id)\""), "\(id)") }
        #expect(!drawn.contains("id=\"chart-task-documents-0\""))
        // A preview for people: the folder is named by the variable.
        if let folder = ProcessInfo.processInfo.environment["ZOO_TASK_PREVIEW"] {
            let library = try? ChartLibrary.load()
            try ReportPage(TaskReportTests.results(), chartLibrary: library).html()
                .write(toFile: folder + "/tasks.html", atomically: true, encoding: .utf8)
        }
    }
}
