/// Words of a command line as somebody types them into a shell.
public enum ShellText {
    /// The words with spaces between them, each quoted where a shell would read something else in it.
    public static func line(_ words: [String]) -> String { words.map(quote).joined(separator: " ") }

    /// One word.
    public static func quote(_ word: String) -> String {
        let plain = word.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_./=,:+@%".contains($0)) }
        return plain && !word.isEmpty ? word : "'" + word.replacing("'", with: "'\\''") + "'"
    }
}
