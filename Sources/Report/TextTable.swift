/// An aligned table for a terminal.
public struct TextTable {
    public enum Alignment: Sendable { case left, right }

    private let header: [String]
    private let alignments: [Alignment]
    private var rows: [[String]] = []

    /// - Parameter columns: heading and alignment of each column.
    public init(columns: [(String, Alignment)]) {
        header = columns.map { TextTable.printable($0.0) }
        alignments = columns.map(\.1)
    }

    /// Cells beyond the last column are dropped, missing ones are empty.
    public mutating func add(_ cells: [String]) {
        let padded = cells.prefix(header.count) + Array(repeating: "", count: max(0, header.count - cells.count))
        rows.append(padded.map(TextTable.printable))
    }

    /// Heading, a rule and the rows; each line ends in a line break, none in spaces.
    public var text: String {
        let widths = header.indices.map { column in ([header] + rows).map { $0[column].count }.max() ?? 0 }
        func line(_ cells: [String]) -> String {
            let padded = cells.indices.map { column in
                let space = String(repeating: " ", count: widths[column] - cells[column].count)
                return alignments[column] == .left ? cells[column] + space : space + cells[column]
            }
            let text = padded.joined(separator: "  ")
            let end = text.lastIndex { $0 != " " }.map(text.index(after:)) ?? text.startIndex
            return text[..<end] + "\n"
        }
        let rule = widths.map { String(repeating: "─", count: $0) }.joined(separator: "  ") + "\n"
        return line(header) + rule + rows.map(line).joined()
    }

    /// Without control characters: a name must not be able to move the cursor or change colours.
    public static func printable(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { scalar in
                    scalar.value < 0x20 || (0x7F ... 0x9F).contains(scalar.value) ? "\u{FFFD}" : scalar
                }))
    }
}
