public import Experiments
import Foundation
import PluginHost

/// The report of a comparison: one HTML file with its style, script, data and charts in it, that fetches nothing.
///
/// The same results and the same library give the same bytes.
public struct ReportPage {
    let results: ComparisonResults
    let summaries: [ModelSummary]
    let pairs: [PairedComparison]
    let looks: [String: ModelLook]
    /// As the plugins say, by model.
    let families: [String: String]
    let chartLibrary: String?

    /// - Parameter chartLibrary: the text of Chart.js; nil: tables only, and a sentence that says so.
    public init(_ results: ComparisonResults, chartLibrary: String?) {
        self.results = results
        self.chartLibrary = chartLibrary
        summaries = ModelSummary.summarise(results.rows)
        pairs = PairedComparison.all(summaries)
        looks = ModelLook.assign(results.rows.map(\.model))
        families = Dictionary(results.rows.map { ($0.model, $0.family) }, uniquingKeysWith: { first, _ in first })
    }

    /// The whole document. Throws `ZooError` (`.internalBug`) when the results cannot be written as JSON.
    ///
    /// - Complexity: O(size of the results)
    public func html() throws -> String {
        let sections = self.sections.filter { !$0.html.isEmpty }
        return HTMLPage(
            title: title, style: ReportStyle.text,
            body: """
                \(header)
                \(contents(sections))
                <main>
                \(sections.map(\.html).joined(separator: "\n"))
                </main>
                """,
            skip: (to: "results", text: "Skip to the results"), scripts: [chartLibrary, ReportScript.text].compactMap(\.self),
            data: try chartJSON()
        ).html
    }

    /// The parts of the page in their order. A part is a property of its own, "" where there is nothing to say.
    private var sections: [ReportSection] {
        [
            ReportSection("findings", "In short", findingsSection),
            ReportSection("results", isOnTasks ? "Tasks" : "Results", isOnTasks ? tasksSection : summarySection),
            ReportSection("published", "Published", publishedSection),
            ReportSection("pairs", "Told apart", pairsSection),
            ReportSection("charts", "Learning, speed, state", chartsSection),
            ReportSection("cost", "Cost against context", costSection),
            ReportSection("variants", "Variants", variantsSection),
            ReportSection("tuning", "Tuning", tuningSection),
            ReportSection("probes", "Probes", probesSection),
            ReportSection("samples", "Samples", samplesSection),
            ReportSection("runs", "Runs", runsSection),
            ReportSection("models", "Models", modelsSection),
            ReportSection("method", "Method", methodSection),
        ]
    }

    private func contents(_ sections: [ReportSection]) -> String {
        let links = sections.map { "<a href=\"#\($0.id)\">\($0.title)</a>" }
        return "<nav aria-label=\"Contents\">\(links.joined(separator: "\n"))</nav>"
    }

    /// One line of JSON: the page is read by machines there.
    private func chartJSON() throws -> String {
        let data = ChartData(results, summaries, models, families: families)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return String(decoding: try encoder.encode(data), as: UTF8.self)
        } catch {
            throw ZooError(.internalBug, "the charts of the report cannot be written as JSON: \(error)")
        }
    }

    var models: [ModelLook] { looks.values.sorted { $0.index < $1.index } }

    var title: String {
        let names = models.map(\.model)
        let size = MatchText.size(results.budget)
        if isOnTasks {
            let tasks = Set(results.rows.compactMap { $0.task?.name }).count
            let what = tasks == 1 ? results.rows.compactMap { $0.task?.name }[0] : "\(tasks) tasks"
            return "\(names.count <= 4 ? names.joined(separator: ", ") : "\(names.count) architectures") on \(what)"
        }
        switch names.count {
        case 0: return "An empty comparison"
        case 1: return "\(names[0]) at \(size)"
        case 2 ... 4:
            return names.dropLast().joined(separator: ", ") + " and \(names[names.count - 1]) at \(size)"
        default: return "\(names.count) architectures at \(size)"
        }
    }

    /// Swatch and name; safe HTML.
    func label(_ model: String) -> String { (looks[model]?.swatch ?? "") + HTML.escape(model) }
}
