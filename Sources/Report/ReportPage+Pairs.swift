import Experiments
import Foundation

extension ReportPage {
    /// Who is told apart from whom: a matrix for each kind of likelihood in which two models share two seeds.
    var pairsSection: String {
        if pairs.isEmpty { return "" }
        let table = Dictionary(pairs.map { (PairKey($0.first, $0.second), $0) }, uniquingKeysWith: { first, _ in first })
        let tables = LikelihoodKind.allCases.compactMap { kind -> String? in
            let names = summaries.filter { $0.likelihood == kind && $0.finished.count > 1 }.map(\.model)
            if names.count < 2 { return nil }
            // Nobody reads a matrix of a thousand cells twice over; its figures follow from results.json.
            if names.count > ReportPage.largestMatrix {
                let own = Set(names)
                let among = pairs.filter { own.contains($0.first) && own.contains($0.second) }
                return "<p>\(kind.title): \(among.count(where: \.isDifferent)) of \(among.count) pairs are told apart; with \(names.count) models no matrix is shown.</p>"
            }
            return matrix(names, table, kind)
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

    private static let largestMatrix = 40

    /// Two models in either order.
    private struct PairKey: Hashable {
        let low, high: String

        init(_ one: String, _ other: String) { (low, high) = one < other ? (one, other) : (other, one) }
    }

    /// With many models the columns have the numbers of the rows for a heading.
    private func matrix(_ names: [String], _ pairs: [PairKey: PairedComparison], _ kind: LikelihoodKind) -> String {
        let isDense = names.count > 10
        let head = names.dropLast().enumerated().map { index, name in
            isDense ? "<th scope=\"col\" title=\"\(HTML.escape(name))\">\(index + 1)</th>" : "<th scope=\"col\">\(label(name))</th>"
        }
        let rows = names.enumerated().dropFirst(isDense ? 0 : 1).map { index, name -> String in
            let cells = names.dropLast().enumerated().map { column, other -> String in
                if column >= index { return "<td></td>" }
                guard let pair = pairs[PairKey(name, other)] else { return "<td>–</td>" }
                let sign = pair.second == name ? 1.0 : -1.0
                let text = String(format: isDense ? "%+.2f" : "%+.3f", sign * pair.difference)
                let detail = "\(name) less \(other): "
                    + String(format: "%+.4f ± %.4f, p = %.2g corrected, %d seeds", sign * pair.difference, pair.halfWidth, pair.corrected, pair.seeds)
                return "<td class=\"\(pair.isDifferent ? "strong" : "soft")\" title=\"\(HTML.escape(detail))\">\(text)</td>"
            }
            return "<tr><th scope=\"row\">\(isDense ? "\(index + 1) " : "")\(label(name))</th>\(cells.joined())</tr>"
        }
        return """
            <div class="scroll" tabindex="0" role="region" aria-label="Pairs: \(kind.title)"><table\(isDense ? " class=\"dense\"" : "")>
            <thead><tr><th scope="col" class="left">\(kind.title)</th>\(head.joined())</tr></thead>
            <tbody>\(rows.joined(separator: "\n"))</tbody></table></div>
            """
    }
}
