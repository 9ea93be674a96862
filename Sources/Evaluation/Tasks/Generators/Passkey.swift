import SequenceModel

/// Some digits, said once in a long text of no interest; at the end they are asked for. Bytes.
struct Passkey: ParameterTask {
    static let about: TaskDescription = TaskDescription(
        name: "passkey",
        summary: "A number, told once somewhere in a long text without interest; at its end the number is asked for, digit by digit.",
        paper: "Landmark Attention (arXiv:2305.16300), section 4.2; here in bytes, with five digits",
        parameters: TaskParameter.shared(
            length: 512, tests: [512, 1024, 4096, 16_384], least: 160, testExamples: 16, unit: "bytes") + [
                TaskParameter("digits", 5, 1 ... 18, "digits of the number"), TaskParameter.everywhere(0),
            ]
    ) { Passkey(parameters: $0) }

    let parameters: TaskParameters

    let vocabulary = 256
    let chance = 0.1

    private static let filler = "The grass is green. The sky is blue. The sun is yellow. Here we go. There and back again. "
    private static let question = "What is the pass key? The pass key is "

    func example(length: Int, part: TaskPart, index: Int, stream: inout RandomStream) -> TaskExample {
        let digits = (0 ..< parameters["digits"]).map { _ in UInt8(48 + stream.index(below: 10)) }
        let fact = Array("The pass key is ".utf8) + digits + Array(". Remember it. ".utf8)
        let end = Array(Passkey.question.utf8) + digits
        // The text is one byte longer than what is read.
        let room = max(length + 1 - fact.count - end.count, 0)
        let filler = Array(Passkey.filler.utf8)
        var start = (0 ..< room).map { filler[$0 % filler.count] }
        // Between two sentences; the part that is filler ends in mid-sentence, which a space hides.
        if room > 0 { start[room - 1] = 32 }
        let places = [0] + start.indices.dropFirst().filter { start[$0 - 1] == 32 && $0 > 1 && start[$0 - 2] == 46 }
        let place = places[stream.index(below: places.count)]
        let text = (start[..<place] + fact + start[place...] + end).map { Int32($0) }
        return TaskExample(text: text, answers: text.count - digits.count ..< text.count)
    }

    func text(_ symbol: Int32) -> String { Passkey.character(symbol) }

    /// A byte for people.
    static func character(_ symbol: Int32) -> String {
        (32 ..< 127).contains(symbol) ? String(UnicodeScalar(UInt8(symbol))) : "\\x" + String(symbol, radix: 16)
    }
}
