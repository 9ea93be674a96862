import Report

/// A table for people: columns padded to the widest cell, two spaces between them, no rules.
enum TextColumns {
    /// Below this a column is not made narrower: words would be cut.
    private static let narrowest = 18

    /// - Parameters:
    ///   - rows: the first is the heading; shorter rows are filled with empty cells.
    ///   - width: columns of the terminal; nil: as wide as the cells are.
    ///   - wrapping: the column that is broken at spaces and commas where the table is wider than `width`; nil: the last one.
    static func format(_ rows: [[String]], width: Int? = nil, wrapping: Int? = nil) -> String {
        let count = rows.map(\.count).max() ?? 0
        var widths = (0 ..< count).map { column in rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0 }
        let excess = width.map { total(widths) - $0 } ?? 0
        guard excess > 0, count > 0 else { return rows.map { line($0, widths) }.joined() }
        let column = min(wrapping ?? count - 1, count - 1)
        widths[column] = max(widths[column] - excess, min(narrowest, widths[column]))
        return rows.map { row in
            guard column < row.count else { return line(row, widths) }
            let pieces = lines(row[column], width: widths[column])
            return pieces.enumerated().map { index, piece in
                var cells = index == 0 ? row : row.map { _ in "" }
                cells[column] = piece
                return line(cells, widths)
            }.joined()
        }.joined()
    }

    /// Columns that rows with cells of these widths take.
    static func total(_ widths: [Int]) -> Int { widths.reduce(-2) { $0 + $1 + 2 } }

    /// A list without spaces is broken after its commas.
    private static func lines(_ text: String, width: Int) -> [String] {
        guard !text.contains(" "), text.contains(",") else { return WrappedText.lines(text, width: width) }
        let items = text.split(separator: ",", omittingEmptySubsequences: false)
        var lines: [String] = []
        for (index, item) in items.enumerated() {
            let piece = index == items.count - 1 ? String(item) : item + ","
            if let last = lines.last, last.count + piece.count <= width {
                lines[lines.count - 1] = last + piece
            } else {
                lines.append(piece)
            }
        }
        return lines
    }

    private static func line(_ row: [String], _ widths: [Int]) -> String {
        let cells = row.enumerated().map { column, cell in
            column == row.count - 1 ? cell : cell + String(repeating: " ", count: max(widths[column] - cell.count, 0))
        }
        let text = cells.joined(separator: "  ")
        let end = text.lastIndex { $0 != " " }.map(text.index(after:)) ?? text.startIndex
        return text[..<end] + "\n"
    }
}
