import Experiments
import Foundation

extension ReportPage {
    /// Who is told apart from whom: a matrix for each kind of likelihood in which two models share two seeds.
    var pairsSection: String {
        if pairs.isEmpty { return "" }
        let tables = LikelihoodKind.allCases.compactMap { kind -> String? in
            let names = summaries.filter { $0.likelihood == kind }.map(\.model)
            let own = pairs.filter { names.contains($0.first) && names.contains($0.second) }
            return own.isEmpty ? nil : matrix(names, own, kind)
        }
        return """
            <section id="pairs" aria-labelledby="pairs-title">
            <h2 id="pairs-title">Who is told apart</h2>
            <p class="soft small">Bits per byte of the row less those of the column, mean over the seeds that both ended well with; a seed gives both the \
            same windows in the same order. Bold: told apart by a paired t-test at 5 %, after Holm's correction for all \
            \(pairs.count) pairs. Grey: may be chance.</p>
            \(tables.joined(separator: "\n"))
            </section>
            """
    }

    private func matrix(_ names: [String], _ pairs: [PairedComparison], _ kind: LikelihoodKind) -> String {
        let head = names.dropLast().map { "<th scope=\"col\">\(label($0))</th>" }
        let rows = names.dropFirst().enumerated().map { index, name -> String in
            let cells = names.dropLast().enumerated().map { column, other -> String in
                if column > index { return "<td></td>" }
                guard let pair = pairs.first(where: { Set([$0.first, $0.second]) == Set([name, other]) }) else { return "<td>–</td>" }
                let sign = pair.second == name ? 1.0 : -1.0
                let text = String(format: "%+.3f", sign * pair.difference)
                let detail = String(format: "± %.3f, p = %.2g corrected, %d seeds", pair.halfWidth, pair.corrected, pair.seeds)
                return "<td class=\"\(pair.isDifferent ? "strong" : "soft")\" title=\"\(HTML.escape(detail))\">\(text)</td>"
            }
            return "<tr><th scope=\"row\">\(label(name))</th>\(cells.joined())</tr>"
        }
        return """
            <div class="scroll" tabindex="0" role="region" aria-label="Pairs: \(kind.title)"><table>
            <thead><tr><th scope="col" class="left">\(kind.title)</th>\(head.joined())</tr></thead>
            <tbody>\(rows.joined(separator: "\n"))</tbody></table></div>
            """
    }
}
