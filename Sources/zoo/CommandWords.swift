import ArgumentParser
import SequenceModel

/// What the user typed, made easier on the parser, and what the parser says, made easier on the user.
enum CommandWords {
    /// `--steps -3` becomes `--steps=-3`: the parser would take the number for another option and say that the value is missing.
    static func joiningNegativeNumbers(_ words: [String]) -> [String] {
        var result: [String] = []
        for (index, word) in words.enumerated() {
            if word == "--" { return result + words[index...] }
            let isNumber = word.hasPrefix("-") && word.dropFirst().first.map { $0.isNumber || $0 == "." } == true
            if isNumber, let option = result.last, option.hasPrefix("--"), option.count > 2, !option.contains("=") {
                result[result.count - 1] = "\(option)=\(word)"
            } else {
                result.append(word)
            }
        }
        return result
    }

    /// What is wrong with the first word, when it should be a command and is none.
    static func unknownCommand(_ words: [String], in configuration: CommandConfiguration) -> String? {
        guard let word = words.first, !word.hasPrefix("-") else { return nil }
        let all = configuration.subcommands.map { $0._commandName } + ["help"]
        guard !all.contains(word) else { return nil }
        let shown = configuration.subcommands.filter { $0.configuration.shouldDisplay }.map { $0._commandName }
        let near = nearestName(to: word, among: shown).map { "; did you mean \($0)?" } ?? "."
        return "there is no command \(word)\(near) The commands are \(shown.joined(separator: ", "))"
    }

    /// `--steps is 0; expected …` for `The value '0' is invalid for '--steps <steps>': --steps is 0; expected …`; what kind of
    /// number is expected where the parser does not say it.
    static func clearer(_ text: String) -> String {
        guard let match = text.prefixMatch(of: /The value '([^'\n]*)' is invalid for '(--[a-z0-9-]+)[^'\n]*'(: )?/)
        else {
            return text
        }
        let rest = text[match.range.upperBound...]
        if match.3 != nil { return String(rest) }
        // A list of what is allowed follows.
        guard rest.isEmpty || rest.hasPrefix("\n") else { return text }
        let expected =
            switch Double(match.1) {
            case nil: "expected a number"
            case let value? where value != value.rounded(): "expected a whole number"
            case let value? where value < 0: "expected 0 or more"
            default: "that is out of range"
            }
        return "\(match.2) is \(match.1.isEmpty ? "empty" : String(match.1)); \(expected)" + rest
    }
}
