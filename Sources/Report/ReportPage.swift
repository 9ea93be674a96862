import Crypto
public import Experiments
import Foundation

/// The report of a comparison: one HTML file with its style, script, data and charts in it, that fetches nothing.
///
/// The same results and the same library give the same bytes.
public struct ReportPage {
    let results: ComparisonResults
    let summaries: [ModelSummary]
    let looks: [String: ModelLook]
    let chartLibrary: String?

    /// - Parameter chartLibrary: the text of Chart.js; nil: tables only, and a sentence that says so.
    public init(_ results: ComparisonResults, chartLibrary: String?) {
        self.results = results
        self.chartLibrary = chartLibrary
        summaries = ModelSummary.summarise(results.rows)
        looks = ModelLook.assign(results.rows.map(\.model))
    }

    /// The whole document. Throws `ZooError` (`.internalBug`) when the results cannot be written as JSON.
    ///
    /// - Complexity: O(size of the results)
    public func html() throws -> String {
        // In a string of a script `<\/` is `</`; nothing else of a library may end the element.
        let scripts = [chartLibrary.map { $0.replacing("</script", with: "<\\/script") }, ReportScript.text]
            .compactMap(\.self)
        let policy = [
            "default-src 'none'", "style-src \(ReportPage.hash(ReportStyle.text))",
            "script-src \(scripts.map(ReportPage.hash).joined(separator: " "))", "base-uri 'none'",
            "form-action 'none'",
        ].joined(separator: "; ")
        return """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="\(policy)">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="generator" content="zoo">
            <title>\(HTML.escape(title))</title>
            <style>\(ReportStyle.text)</style>
            </head>
            <body>
            <a class="skip" href="#results">Skip to the results</a>
            <div class="page">
            \(header)
            <main>
            \(summarySection)
            \(pairsSection)
            \(chartsSection)
            \(variantsSection)
            \(tuningSection)
            \(probesSection)
            \(samplesSection)
            \(runsSection)
            \(methodSection)
            </main>
            <footer>Written by zoo. This file is complete: it opens from disk and fetches nothing.</footer>
            </div>
            <script type="application/json" id="data">\(HTML.scriptJSON(try JSONFile.text(payload)))</script>
            \(scripts.map { "<script>\($0)</script>" }.joined(separator: "\n"))
            </body>
            </html>

            """
    }

    private struct Payload: Encodable {
        let results: ComparisonResults
        let looks: [ModelLook]
        let variants: [VariantChart]
    }

    private var payload: Payload {
        Payload(
            results: results, looks: looks.values.sorted { $0.index < $1.index },
            variants: VariantSummary.summarise(results.rows).map(VariantChart.init))
    }

    /// The source expression of Content Security Policy (W3C, CSP 3, section 2.3.1) that allows just this text.
    private static func hash(_ text: String) -> String {
        "'sha256-\(Data(SHA256.hash(data: Data(text.utf8))).base64EncodedString())'"
    }

    var models: [ModelLook] { looks.values.sorted { $0.index < $1.index } }

    var title: String {
        let names = models.map(\.model)
        let size = MatchText.size(results.budget)
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
