/// An aligned table for a terminal.
public struct TextTable {
    /// Where the cells of a column stand.
    public enum Alignment: Sendable { case left, right }

    private let header: [String]
    private let alignments: [Alignment]
    private var rows: [[String]] = []

    /// A table without rows.
    ///
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
    public var text: String { text(of: Array(header.indices)) }

    /// The table in at most `width` columns of a terminal: where it is wider, in blocks below each other, with an empty line between
    /// them. Each block begins with the columns `repeating`, which say what a row is about. A column that is too wide by itself stays
    /// so.
    public func text(width: Int, repeating keys: Set<String>) -> String {
        let isKey = header.indices.map { keys.contains(header[$0]) }
        let start = header.indices.filter { isKey[$0] }
        func needed(_ columns: [Int]) -> Int { columns.reduce(-2) { $0 + widths[$1] + 2 } }
        guard needed(Array(header.indices)) > width else { return text }
        var blocks: [[Int]] = []
        var block = start
        for column in header.indices where !isKey[column] {
            // In the order of the table, keys where they stand in it.
            let wider = (block + [column]).sorted()
            if needed(wider) > width, block.count > start.count {
                blocks.append(block)
                block = (start + [column]).sorted()
            } else {
                block = wider
            }
        }
        return (blocks + [block]).map(text(of:)).joined(separator: "\n")
    }

    private var widths: [Int] {
        header.indices.map { column in ([header] + rows).map { $0[column].count }.max() ?? 0 }
    }

    private func text(of columns: [Int]) -> String {
        let (header, widths) = (columns.map { self.header[$0] }, columns.map { self.widths[$0] })
        let alignments = columns.map { self.alignments[$0] }
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
        return line(header) + rule + rows.map { row in line(columns.map { row[$0] }) }.joined()
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
