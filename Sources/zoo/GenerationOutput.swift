import Evaluation
import Glibc
import SequenceModel

/// Writes a text to stdout while it is made: as UTF-8, or as one JSON object a line.
final class GenerationOutput {
    private let prompt: String
    private let json: Bool
    private let fills: Bool
    private var stream = UTF8Stream()
    private var text = ""
    private var symbols: [Int32] = []
    private var hasBegun = false
    private let watch = Stopwatch()

    /// - Parameter fills: the prompt has gaps: it is not written before them, and the finished text is prompt and new symbols.
    init(prompt: String, json: Bool, fills: Bool = false) {
        self.prompt = prompt
        self.json = json
        self.fills = fills
    }

    /// The prompt stands before what follows it. Written once, when there is something to follow: an error comes alone.
    private func begin() {
        guard !hasBegun else { return }
        hasBegun = true
        if json {
            line(["event": .string("prompt"), "text": .string(prompt)])
        } else if !fills {
            write(prompt)
        }
    }

    /// One more symbol at the end.
    func append(_ symbol: Int32) {
        begin()
        symbols.append(symbol)
        let piece = show(symbol)
        text += piece
        if json {
            line(["event": .string("append"), "symbols": .array([.integer(Int64(symbol))]), "text": .string(piece)])
        } else {
            write(piece)
        }
    }

    /// An event of a text that is refined; plain output waits for the end.
    func event(_ event: GenerationEvent) {
        guard json else { return }
        begin()
        func list(_ symbols: [Int32]) -> JSONValue { .array(symbols.map { .integer(Int64($0)) }) }
        switch event {
        case .step(let index, let count):
            line(["event": .string("step"), "step": .integer(Int64(index)), "steps": .integer(Int64(count))])
        case .append(let symbols):
            line(["event": .string("append"), "symbols": list(symbols)])
        case .replace(let begin, let symbols):
            line(["event": .string("replace"), "begin": .integer(Int64(begin)), "symbols": list(symbols)])
        case .done: break
        }
    }

    /// The finished new symbols of a text that was refined; all of its symbols where gaps were filled.
    func finish(_ symbols: [Int32], maskSymbol: Int?, gaps: [Range<Int>] = []) {
        self.symbols = symbols
        let mask = maskSymbol.map(Int32.init)
        text = symbols.map { mask == $0 ? "_" : show($0) }.joined()
        begin()
        if !json { write(text) }
        let filled = gaps.map { gap -> JSONValue in
            let bytes = symbols[gap].map { UInt8(exactly: $0) ?? UInt8(ascii: "?") }
            return .object(["begin": .integer(Int64(gap.lowerBound)), "text": .string(String(decoding: bytes, as: UTF8.self))])
        }
        end(filled: fills ? filled : nil)
    }

    /// The end of the text.
    ///
    /// - Parameter filled: what stands in the gaps now; nil where there were none.
    func end(filled: [JSONValue]? = nil) {
        begin()
        let rest = stream.finish()
        text += rest
        guard json else {
            write(rest + "\n")
            return
        }
        let seconds = max(watch.seconds, 1e-9)
        var done: JSONObject = [
            "event": .string("done"), "text": .string(text), "symbols": .array(symbols.map { .integer(Int64($0)) }),
            "tokens_per_second": .number(Double(symbols.count) / seconds),
        ]
        if let filled { done["filled"] = .array(filled) }
        line(done)
    }

    /// An error comes: what was written ends its line.
    func interrupt() {
        if !json, !symbols.isEmpty { write("\n") }
    }

    /// Symbols 0 to 255 are bytes; others are shown by number.
    private func show(_ symbol: Int32) -> String {
        guard let byte = UInt8(exactly: symbol) else { return stream.finish() + "⟨\(symbol)⟩" }
        return stream.push([byte])
    }

    private func line(_ object: JSONObject) { write(JSONValue.object(object).description + "\n") }

    private func write(_ text: String) {
        guard !text.isEmpty else { return }
        print(json || !Terminal.isTerminal(STDOUT_FILENO) ? text : GenerationOutput.harmless(text), terminator: "")
        // A reader waits for each symbol.
        fflush(nil)
    }

    /// A model may write anything, also what a terminal takes for a command: such characters become U+FFFD.
    static func harmless(_ text: String) -> String {
        var shown = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            let isText =
                scalar == "\n" || scalar == "\t" || (scalar.value >= 0x20 && !(0x7F ..< 0xA0).contains(scalar.value))
            shown.append(isText ? scalar : "\u{FFFD}")
        }
        return String(shown)
    }
}
