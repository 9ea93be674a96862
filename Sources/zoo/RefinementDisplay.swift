import Evaluation

/// Shows on stderr how a text is refined: on a terminal the text is redrawn in place, elsewhere there is a plain line now and then.
final class RefinementDisplay {
    private let isQuiet: Bool
    private let progress: Progress
    private var linesShown = 0
    private var lastShown: ContinuousClock.Instant?

    /// Lines of text that are shown at most: the last ones.
    private static let maximumLines = 16

    init(isQuiet: Bool) {
        self.isQuiet = isQuiet
        progress = Progress("refining", unit: "steps", isQuiet: isQuiet)
    }

    func show(_ text: RefinedText) {
        guard !isQuiet else { return }
        guard Terminal.rewritesLines else {
            progress.update(text.step, detail: "\(text.unknown) symbols unknown")
            return
        }
        let now = ContinuousClock.now
        if let lastShown, now - lastShown < .milliseconds(40), text.unknown > 0 { return }
        lastShown = now
        clear()
        let step = text.steps > 0 ? "step \(text.step + 1) of \(text.steps), " : ""
        let title = step + "\(text.unknown) symbols unknown"
        let lines = [title] + Self.wrap(text.bytes(placeholder: UInt8(ascii: "_")), width: Terminal.width - 1)
        Terminal.writeError(lines.joined(separator: "\n") + "\n")
        linesShown = lines.count
    }

    /// Takes the text off the terminal again.
    func clear() {
        if linesShown > 0 { Terminal.writeError("\u{1B}[\(linesShown)A\r\u{1B}[J") }
        linesShown = 0
        progress.finish()
    }

    /// Text in lines of at most `width` characters; what moves the cursor is shown as "?".
    static func wrap(_ bytes: [UInt8], width: Int) -> [String] {
        let width = max(width, 1)
        var lines: [String] = []
        for paragraph in String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        {
            let shown = paragraph.unicodeScalars.map {
                $0.value < 0x20 || (0x7F ..< 0xA0).contains($0.value) ? "?" : Character($0)
            }
            for begin in stride(from: 0, to: max(shown.count, 1), by: width) {
                lines.append(String(shown[begin ..< min(begin + width, shown.count)]))
            }
        }
        return Array(lines.suffix(maximumLines))
    }
}
