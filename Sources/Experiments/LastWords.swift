import Foundation

/// The last thing that a process said before it ended.
enum LastWords {
    /// The last line on stderr that is not empty and not a hint, else of stdout; at most 300 characters.
    static func line(in folder: ComparisonFolder.RunFolder) -> String? {
        for path in [folder.standardError, folder.standardOutput] {
            let text = RunHistory.tail(of: path, bytes: 4096)
            let line = text.split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }
                .last { !$0.isEmpty && !$0.hasPrefix("hint:") }
            if let line { return String(line.prefix(300)) }
        }
        return nil
    }
}
