/// Text in lines that a terminal shows without breaking words.
public enum WrappedText {
    /// `text` in lines of at most `width` characters, broken at spaces; a word that is longer is cut.
    ///
    /// - Returns: at least one line, without line breaks.
    public static func lines(_ text: String, width: Int) -> [String] {
        let width = max(width, 1)
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ", omittingEmptySubsequences: false) {
            var word = String(word)
            if !line.isEmpty, line.count + 1 + word.count > width {
                lines.append(line)
                line = ""
            } else if !line.isEmpty {
                line += " " + word
                continue
            }
            while word.count > width {
                lines.append(String(word.prefix(width)))
                word = String(word.dropFirst(width))
            }
            line = word
        }
        return lines + [line]
    }
}
