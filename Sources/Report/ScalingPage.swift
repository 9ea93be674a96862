public import Experiments
import Foundation
import PluginHost

/// The report of a scaling study: one HTML file with its style, script, data and charts in it, that fetches nothing.
///
/// The same results and the same library give the same bytes.
public struct ScalingPage {
    let results: ScalingResults
    let looks: [String: ModelLook]
    let chartLibrary: String?
    private(set) var charts: [ScalingChart] = []

    /// - Parameter chartLibrary: the text of Chart.js; nil: tables only, and a sentence that says so.
    public init(_ results: ScalingResults, chartLibrary: String?) {
        self.results = results
        self.chartLibrary = chartLibrary
        looks = ModelLook.assign(results.models.map(\.model))
        charts = allCharts
    }

    /// Writes `path`; when Chart.js is missing the report has tables only, and `warn` is told.
    public static func write(
        _ results: ScalingResults, to path: String, chartPaths: [String] = ChartLibrary.standardPaths, warn: (String) -> Void
    ) throws {
        let library = ChartLibrary.load(from: chartPaths, orWarn: warn)
        try RunFiles.write(ScalingPage(results, chartLibrary: library).html(), to: path)
    }

    /// The whole document. Throws `ZooError` (`.internalBug`) when the results cannot be written as JSON.
    ///
    /// - Complexity: O(size of the results)
    public func html() throws -> String {
        HTMLPage(
            title: title, style: ReportStyle.text + ScalingPage.ownStyle,
            body: """
                \(header)
                <main>
                \(lawsSection)
                \(heldOutSection)
                \(frontierSection)
                \(models.map(modelSection).joined(separator: "\n"))
                \(methodSection)
                </main>
                """,
            skip: (to: "laws", text: "Skip to the laws"), scripts: [chartLibrary, ScalingScript.text].compactMap(\.self),
            data: try JSONFile.text(["charts": charts])
        ).html
    }

    /// What the page needs besides the style of reports.
    private static let ownStyle = """
        .wide { grid-column: 1 / -1; } .wide .frame { height: 380px; } td.text, th.text { text-align: left; white-space: normal; }
        """

    var models: [ModelScaling] { results.models }

    var title: String {
        let names = models.map(\.model)
        switch names.count {
        case 0: return "An empty scaling study"
        case 1: return "How \(names[0]) scales"
        case 2 ... 4: return "How " + names.dropLast().joined(separator: ", ") + " and \(names[names.count - 1]) scale"
        default: return "How \(names.count) architectures scale"
        }
    }

    /// Swatch and name; safe HTML.
    func label(_ model: String) -> String { (looks[model]?.swatch ?? "") + HTML.escape(model) }

    /// Title and what is needed to judge the figures.
    private var header: String {
        let sizes = Set(results.points.map(\.size)).sorted()
        let tokens = Set(results.points.map(\.tokens)).sorted()
        func range(_ values: [Int]) -> String {
            guard let first = values.first, let last = values.last else { return "none" }
            return first == last ? SizeText.short(first) : "\(SizeText.short(first)) to \(SizeText.short(last))"
        }
        let seeds = Set(results.points.map(\.seed)).count
        let machine = results.machine
        let sources = results.data.sources
        let facts = [
            ("Sizes", "\(range(sizes)) parameters", "\(sizes.count) sizes, each met within 5 %"),
            ("Training", "\(range(tokens)) tokens", "\(tokens.count) token counts, windows of \(results.context) bytes, \(results.batch) in a step"),
            (
                "Runs", "\(results.points.count + results.failures.count)",
                "\(models.count == 1 ? "1 model" : "\(models.count) models"), \(seeds == 1 ? "1 seed" : "\(seeds) seeds"), "
                    + (results.failures.isEmpty ? "all ended well" : "\(results.failures.count) without a loss")
            ),
            (
                "Text", sources.prefix(2).joined(separator: ", ") + (sources.count > 2 ? " and \(sources.count - 2) more" : ""),
                "\(SizeText.bytes(results.data.bytes)), tested on \(SizeText.bytes(results.data.splits.test))"
            ),
            (
                "Machine", machine.processor,
                "\(machine.threads == 1 ? "1 thread" : "\(machine.threads) threads"), \(SizeText.bytes(machine.memoryBytes)) of memory"
            ),
        ]
        let list = facts.map { name, value, note in
            "<div><dt>\(HTML.escape(name))</dt><dd>\(HTML.escape(value))<span>\(HTML.escape(note))</span></dd></div>"
        }
        let missing =
            chartLibrary != nil
            ? ""
            : """
            <p class="warning">Charts are left out, since Chart.js was not found when this report was written. To have them:
            <code>apt install libjs-chart.js</code>, then <code>zoo scale --from</code> on the folder of this study.</p>
            """
        return """
            <header>
            <p class="kicker">Scaling of sequence architectures</p>
            <h1>\(HTML.escape(title))</h1>
            <dl class="facts">\(list.joined(separator: "\n"))</dl>
            \(missing)
            </header>
            """
    }
}
