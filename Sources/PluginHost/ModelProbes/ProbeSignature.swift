/// The types of a probe, as a plugin declares them: "BW->" takes a batch and writes a tensor, "iT->d" takes a whole number and a
/// tensor and returns a number.
public struct ProbeSignature: Sendable, Equatable, CustomStringConvertible {
    /// In order.
    public let arguments: [Argument]
    /// In order.
    public let results: [Outcome]

    /// Most arguments, and most results.
    public static let longest = 12

    /// What a probe takes.
    public enum Argument: Character, Sendable, CaseIterable {
        case integer = "i"
        case number = "d"
        case tensor = "T"
        case written = "W"
        case batch = "B"
    }

    /// What a probe returns.
    public enum Outcome: Character, Sendable, CaseIterable {
        case integer = "i"
        case number = "d"
    }

    /// Throws `ForeignFault` with what this program does not understand.
    init(parsing text: String) throws {
        guard let arrow = text.range(of: "->") else { throw ForeignFault("the signature \"\(text)\" has no \"->\"") }
        func read<Letter: RawRepresentable & CaseIterable>(_ part: Substring, _ what: String) throws -> [Letter]
        where Letter.RawValue == Character {
            guard part.count <= ProbeSignature.longest else {
                throw ForeignFault(
                    "the signature \"\(text)\" has \(part.count) \(what)s; allowed: at most \(ProbeSignature.longest)")
            }
            return try part.map { character in
                guard let letter = Letter(rawValue: character) else {
                    let known = Letter.allCases.map { String($0.rawValue) }.joined(separator: " ")
                    throw ForeignFault(
                        "the signature \"\(text)\" has the \(what) \"\(character)\", which this program does not know; known: \(known)")
                }
                return letter
            }
        }
        arguments = try read(text[..<arrow.lowerBound], "argument")
        results = try read(text[arrow.upperBound...], "result")
    }

    /// Tensors that are written.
    public var writtenCount: Int { arguments.count { $0 == .written } }

    /// A batch in, one table or one number out: what can be measured over a text without knowing anything else.
    public var isMeasurable: Bool {
        arguments == [.batch, .written] && results.isEmpty || arguments == [.batch] && results == [.number]
    }

    /// The text that it was read from.
    public var description: String {
        String(arguments.map(\.rawValue)) + "->" + String(results.map(\.rawValue))
    }
}

extension String {
    /// Where `text` stands first. (Foundation has this; this module does without.)
    fileprivate func range(of text: String) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(text) { return start ..< index(start, offsetBy: text.count) }
            start = index(after: start)
        }
        return nil
    }
}
