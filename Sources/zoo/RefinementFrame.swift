import Evaluation

/// A text on its way, as lines for a terminal.
enum RefinementFrame {
    /// Stands for a symbol that is still unknown: nothing that texts are made of.
    static let placeholder: Character = "░"

    /// Says how far the text is.
    static func title(_ text: RefinedText) -> String {
        let step = text.steps > 0 ? "step \(text.step + 1) of \(text.steps), " : ""
        return step + (text.unknown == 1 ? "1 symbol unknown" : "\(text.unknown) symbols unknown")
    }

    /// The last `height` lines of the text, each of at most `width` columns. What moves the cursor is shown as "?".
    ///
    /// - Parameters:
    ///   - revealed: positions that this step has filled in: bold, where there is colour; unknown ones are dim.
    static func lines(
        _ text: RefinedText, revealed: Set<Int> = [], width: Int, height: Int, usesColour: Bool
    ) -> [String] {
        var lines: [[Cell]] = [[]]
        var columns = 0
        for cell in cells(text, revealed) {
            if cell.character == "\n" {
                lines.append([])
                columns = 0
                continue
            }
            if columns + cell.width > max(width, 2) {
                lines.append([])
                columns = 0
            }
            lines[lines.count - 1].append(cell)
            columns += cell.width
        }
        return lines.suffix(max(height, 1)).map { usesColour ? coloured($0) : String($0.map(\.character)) }
    }

    private enum Kind { case plain, unknown, revealed }

    private struct Cell {
        var character: Character
        var kind: Kind

        /// Columns it may take: characters of the East take two, and one column too many is harmless.
        var width: Int { character.unicodeScalars.allSatisfy { $0.value < 0x1100 } || character == placeholder ? 1 : 2 }
    }

    /// Runs of known bytes are read as UTF-8; symbols that are no bytes are unknown too.
    private static func cells(_ text: RefinedText, _ revealed: Set<Int>) -> [Cell] {
        var cells: [Cell] = []
        var run: [UInt8] = []
        var isRevealed = false
        func end() {
            for scalar in String(decoding: run, as: UTF8.self).unicodeScalars {
                let isControl = scalar != "\n" && scalar.value < 0x20 || (0x7F ..< 0xA0).contains(scalar.value)
                cells.append(Cell(character: isControl ? "?" : Character(scalar), kind: isRevealed ? .revealed : .plain))
            }
            run = []
        }
        for (position, symbol) in text.symbols.enumerated() {
            guard !text.isUnknown(position), let byte = UInt8(exactly: symbol) else {
                end()
                cells.append(Cell(character: placeholder, kind: .unknown))
                continue
            }
            // A character of several bytes is not torn by the colour of its first.
            let isContinuation = byte & 0xC0 == 0x80
            if !isContinuation, revealed.contains(position) != isRevealed {
                end()
                isRevealed.toggle()
            }
            run.append(byte)
        }
        end()
        return cells
    }

    private static func coloured(_ cells: [Cell]) -> String {
        var text = ""
        var kind = Kind.plain
        for cell in cells {
            if cell.kind != kind {
                kind = cell.kind
                text += "\u{1B}[0m" + (kind == .unknown ? "\u{1B}[2m" : kind == .revealed ? "\u{1B}[1m" : "")
            }
            text.append(cell.character)
        }
        return kind == .plain ? text : text + "\u{1B}[0m"
    }
}
