import Experiments
import Foundation
import PluginHost
@testable import Report
import SequenceModel
import Testing

struct ReportPageTests {
    /// Stands in for Chart.js, with the one thing in it that could end its element.
    private let library = "/* Chart.js v0 */ var text = '</script>';"

    private func page(_ results: ComparisonResults, library: String? = nil) throws -> String {
        try ReportPage(results, chartLibrary: library).html()
    }

    @Test(arguments: [1, 3, 15])
    func everyRunIsInIt(_ models: Int) throws {
        let results = fakeResults(models: models, seeds: 2)
        let html = try page(results, library: library)
        let runs = try #require(
            html.components(separatedBy: "id=\"runs\"").last?.components(separatedBy: "</section>").first)
        let rows = runs.replacing("<tr data-failed>", with: "<tr>").components(separatedBy: "<tr><th scope=\"row\"")
        #expect(rows.count - 1 == results.rows.count)
        for row in results.rows {
            #expect(runs.contains(HTML.escape(row.model)))
            if !row.detail.isEmpty { #expect(runs.contains(HTML.escape(row.detail))) }
        }
        #expect(html.contains(results.data.sha256) && html.contains(HTML.escape(results.command)))
    }

    /// A figure for each probe of each model, the numbers in it and in the table, and why one is missing.
    @Test func probesAreShown() throws {
        let html = try page(fakeResults(models: 3, seeds: 2))
        let part = try #require(
            html.components(separatedBy: "id=\"probes\"").last?.components(separatedBy: "</section>").first)
        #expect(part.components(separatedBy: "<figure>").count - 1 == 3)
        #expect(part.contains("attention_entropy") && part.contains("step_size") && part.contains("masked_entropy"))
        #expect(part.contains("<title>layer 1, head 2: 2.400</title>") && part.contains("layer 1, head 2</td><td>2.400</td>"))
        #expect(part.contains(">hidden 0.9</text>") && part.contains(">2.600</text>"))
        #expect(part.contains("broken: its self-test crashed (Segmentation fault)"))
        // Each place once, of one seed of each model.
        #expect(part.components(separatedBy: "<tr><th scope=\"row\">").count - 1 == 16 + 8 + 9)
    }

    @Test func withoutProbesNothingIsSaid() throws {
        var results = fakeResults(models: 3)
        for index in results.rows.indices { results.rows[index].probes = [:] }
        #expect(try !page(results).contains("id=\"probes\""))
    }

    /// One axis, three axes, none, values that are missing or all the same: no drawing holds what is not a number.
    @Test func probesOfEveryShape() throws {
        let shapes: [([String], [Int], [Double?])] = [
            ([], [], [0.25]), (["a"], [3], [-1, nil, 2]), (["a"], [2], [0, 0]), (["a", "b"], [2, 2], [5, 5, 5, 5]),
            (["a", "b", "c"], [2, 1, 3], [1, 2, nil, 4, 5e-9, 6e9]), (["a", "b"], [1, 200], (0 ..< 200).map { Double($0) }),
        ]
        for (axes, extents, values) in shapes {
            var results = fakeResults(models: 1)
            results.rows[0].probes = ["p": ProbeFigure(summary: "", axes: axes, extents: extents, values: values)]
            let html = try page(results)
            #expect(!html.contains("nan\"") && !html.contains("inf\"") && html.contains("id=\"probes\""), "\(axes)")
        }
    }

    /// Nothing in the page makes a browser fetch anything.
    @Test func fetchesNothing() throws {
        let html = try page(fakeResults(models: 15), library: library)
        for text in [
            "http:", "https:", "src=", "<link", "@import", "url(", "<iframe", "<img", "<base", "fetch(", "XMLHttp",
        ] {
            #expect(!html.contains(text), "\(text)")
        }
        #expect(html.contains("default-src 'none'; style-src 'sha256-"))
        #expect(!html.contains("unsafe-inline") && !html.contains(" style=\"") && !html.contains(" onclick"))
    }

    @Test func namesCannotBecomeMarkup() throws {
        let evil = "<script>alert('&\"')</script>"
        var results = fakeResults(models: 3)
        for index in results.rows.indices {
            results.rows[index].model = evil + "\(index)"
            results.rows[index].name = evil
            results.rows[index].family = evil
            results.rows[index].detail = evil
            results.rows[index].initialisation = evil
            results.rows[index].pluginSHA256 = evil
            results.rows[index].status = .crashed
            results.rows[index].config = ConfigurationJSON(.object([evil: .string(evil)]))
            let part = RefinementStage.Part(kind: .new, text: evil)
            results.rows[index].samples = [
                GeneratedSample(prompt: evil, text: evil, stages: [RefinementStage(step: 1, steps: 2, parts: [part])])
            ]
            results.rows[index].optimizer = evil
            results.rows[index].command = evil
            results.rows[index].training = ConfigurationJSON(.object(["schedule": .string(evil)]))
            results.rows[index].probes = [
                evil: ProbeFigure(
                    summary: evil, axes: [evil, evil + "2"], extents: [1, 1], labels: [[evil], nil], unit: evil, values: [1]),
                "broken": ProbeFigure(summary: evil, reason: evil),
            ]
        }
        results.command = evil
        results.started = evil
        results.machine.processor = evil
        results.machine.system = evil
        results.machine.environment = [evil: evil]
        results.data.sources = [evil]
        results.data.sha256 = evil
        let html = try page(results, library: library)
        #expect(!html.contains("<script>alert"))
        // The data, the library and the script of the page; the library's own text cannot end its element.
        #expect(html.components(separatedBy: "</script>").count - 1 == 3)
        #expect(html.components(separatedBy: "<script").count - 1 == 3)
    }

    /// What the charts draw, once: every model's curve to its end, and decoding at every context.
    @Test func theDataOfTheChartsStandsInItOnce() throws {
        let results = fakeResults(models: 3)
        let html = try page(results, library: library)
        let begin = try #require(html.range(of: "id=\"data\">"))
        let end = try #require(html.range(of: "</script>", range: begin.upperBound ..< html.endIndex))
        let text = String(html[begin.upperBound ..< end.lowerBound])
        let data = try JSONParser.parse(text)
        let lines = try #require(data["lines"]?.arrayValue)
        #expect(lines.count == 3)
        for row in results.rows {
            let line = try #require(lines.first { $0["model"]?.stringValue == row.model })
            #expect(line["tokens"]?.arrayValue?.last?.integerValue == row.curve.last?.tokens)
            let last = try #require(line["bits"]?.arrayValue?.last?.doubleValue)
            #expect(abs(last - (row.curve.last?.bitsPerByte ?? 0)) < 1e-4)
        }
        #expect(data["decoding"]?.arrayValue?.first?["speed"]?.arrayValue?.count == 4)
        #expect(html.components(separatedBy: "id=\"data\"").count == 2)
    }

    @Test func theSameResultsGiveTheSameBytes() throws {
        #expect(try page(fakeResults(models: 4, seeds: 2)) == page(fakeResults(models: 4, seeds: 2)))
    }

    /// The caption says what the curves are of, model by model when they differ.
    @Test func curvesSayWhatTheyWereMeasuredOn() throws {
        var results = fakeResults(models: 3)
        func caption(_ split: [String]) throws -> String {
            for index in results.rows.indices { results.rows[index].curveSplit = split[index % split.count] }
            let html = try page(results, library: library)
            let begin = try #require(html.range(of: "Learning curve</h3><p class=\"soft small\">"))
            return String(html[begin.upperBound...].prefix { $0 != "<" }).replacing(" A cross is where a run failed.", with: "")
        }
        #expect(try caption(["validation"]) == "Bits per byte of the validation text; the same text for every model.")
        #expect(
            try caption(["train"])
                == "Bits per byte of the windows that were just trained on, in the same order for every model.")
        #expect(
            try caption(["validation", "train", "validation"])
                == "Bits per byte of the validation text; of mamba: of the windows just trained on, for want of two validations. "
                + "Those curves lie elsewhere than a validation would: compare the results above.")
    }

    @Test func decodingHasItsOwnPeakOfMemory() throws {
        var results = fakeResults(models: 1)
        #expect(try !page(results).contains("<small>peak memory</small>"))
        for index in results.rows[0].decode.indices { results.rows[0].decode[index].peakMemoryBytes = 123 << 20 }
        let html = try page(results)
        #expect(html.contains("<small>peak memory</small>") && html.contains("<td>123 MiB</td>"))
    }

    @Test func withoutChartsItSaysSo() throws {
        let html = try page(fakeResults(models: 3))
        #expect(html.contains("<code>apt install libjs-chart.js</code>") && !html.contains("<canvas"))
        #expect(html.contains("Learning curves as a table") && html.contains("Decoding speed and state as a table"))
        let full = try page(fakeResults(models: 3), library: library)
        #expect(full.components(separatedBy: "<canvas").count - 1 == 3 && !full.contains("apt install"))
    }

    /// Exact likelihoods and bounds have bodies of their own, which the script never mixes.
    @Test func kindsAreApart() throws {
        let html = try page(fakeResults(models: 15))
        let table = html.components(separatedBy: "id=\"results\"")[1].components(separatedBy: "</section>")[0]
        let parts = table.components(separatedBy: "<tr class=\"kind\">")
        #expect(parts.count == 4)
        #expect(parts[1].contains("Exact likelihood") && parts[1].contains(">transformer<"))
        #expect(!parts[1].contains(">diffusion<") && parts[2].contains(">diffusion<") && parts[3].contains(">jepa<"))
    }

    @Test func anEmptyComparisonHasAPage() throws {
        var results = fakeResults(models: 1)
        results.rows = []
        #expect(try page(results, library: library).contains("<h1>An empty comparison</h1>"))
    }

    @Test func libraryErrorsSayWhatToInstall() throws {
        let folder = NSTemporaryDirectory() + "zoo-report-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var warnings: [String] = []
        try ReportWriter.write(fakeResults(models: 1), to: folder + "/a.html", chartPaths: [folder + "/none.js"]) {
            warnings.append($0)
        }
        #expect(
            warnings == [
                "Chart.js was not found at \(folder)/none.js: the report has tables, no charts; apt install libjs-chart.js"
            ])
        #expect(FileManager.default.fileExists(atPath: folder + "/a.html"))
        try "something else".write(toFile: folder + "/other.js", atomically: true, encoding: .utf8)
        #expect {
            try ChartLibrary.load(from: [folder + "/other.js"], environment: [:])
        } throws: { error in
            (error as? ZooError)?.message == "\(folder)/other.js is not Chart.js: the report has tables, no charts"
        }
        try library.write(toFile: folder + "/named.js", atomically: true, encoding: .utf8)
        #expect(try ChartLibrary.load(from: [], environment: ["ZOO_CHART_JS": folder + "/named.js"]) == library)
    }
}
