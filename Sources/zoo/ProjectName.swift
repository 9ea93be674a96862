import PluginHost

/// The name of a new architecture, in the forms that a project needs.
struct ProjectName: Equatable {
    /// UpperCamelCase, the type and the library: `MyModel`.
    let type: String
    /// Lower case with dashes, what is typed after `zoo train`: `my-model`.
    let id: String
    /// Lower case with underscores, names of C files: `my_model`.
    let file: String

    static let longest = 60

    /// Throws `.usage` with what is allowed.
    init(_ name: String, id: String? = nil) throws {
        guard ProjectName.isName(name) else {
            throw ZooError(
                .usage, "the name is \(name.isEmpty ? "empty" : "\"\(name)\"")",
                hint: "a name begins with a letter and has letters, digits, - and _ after it, \(ProjectName.longest) at most: my-model")
        }
        let parts = name.split { $0 == "-" || $0 == "_" }
        type = parts.map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
        self.id = id ?? parts.map { ProjectName.dashed($0) }.joined(separator: "-")
        file = self.id.split { $0 == "-" || $0 == "_" }.joined(separator: "_")
        guard ProjectName.isName(self.id), self.id == self.id.lowercased() else {
            throw ZooError(
                .usage, "--id is \(self.id.isEmpty ? "empty" : "\"\(self.id)\"")",
                hint: "an id begins with a letter and has lower-case letters, digits, - and _ after it: my-model")
        }
    }

    private static func isName(_ text: String) -> Bool {
        func isLetter(_ c: Unicode.Scalar) -> Bool { ("a" ... "z").contains(c) || ("A" ... "Z").contains(c) }
        guard let first = text.unicodeScalars.first, isLetter(first), text.unicodeScalars.count <= longest else { return false }
        return text.unicodeScalars.allSatisfy { isLetter($0) || ("0" ... "9").contains($0) || $0 == "-" || $0 == "_" }
    }

    /// `my-model` for `MyModel`, `rwkv-lite` for `RWKVLite`, `lstm2` for `LSTM2`: a dash before a capital letter that follows a small
    /// one or a digit, or that begins a word after capitals.
    private static func dashed(_ part: Substring) -> String {
        let letters = Array(part)
        var result = ""
        for (place, letter) in letters.enumerated() {
            if place > 0, letter.isUppercase {
                let endsWord = !letters[place - 1].isUppercase
                let beginsWord = place + 1 < letters.count && letters[place + 1].isLowercase
                if endsWord || beginsWord { result += "-" }
            }
            result += letter.lowercased()
        }
        return result
    }
}
