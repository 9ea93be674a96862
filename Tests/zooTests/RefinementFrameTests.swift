import Evaluation
import SequenceModel
import Testing

@testable import zoo

/// What a person sees of a text on its way.
struct RefinementFrameTests {
    private func text(_ prompt: String, _ symbols: [Int32]) -> RefinedText {
        var text = RefinedText(prompt: Array(prompt.utf8).map(Int32.init), maskSymbol: 256)
        _ = text.apply(.step(index: 2, count: 9))
        _ = text.apply(.append(symbols))
        return text
    }

    private func lines(_ text: RefinedText, _ revealed: Set<Int> = [], width: Int = 20, height: Int = 9, colour: Bool = false) -> [String] {
        RefinementFrame.lines(text, revealed: revealed, width: width, height: height, usesColour: colour)
    }

    @Test func whatIsUnknownIsMarked() {
        let text = text("ab", [99, 256, 100])
        #expect(RefinementFrame.title(text) == "step 3 of 9, 1 symbol unknown")
        #expect(lines(text) == ["abc░d"])
        #expect(lines(text, [4], colour: true) == ["abc\u{1B}[0m\u{1B}[2m░\u{1B}[0m\u{1B}[1md\u{1B}[0m"])
        #expect(RefinementFrame.title(RefinedText(prompt: [1], maskSymbol: nil)) == "0 symbols unknown")
    }

    @Test func linesFitTheTerminal() {
        #expect(lines(text("abcdefg\nhi", []), width: 3) == ["abc", "def", "g", "hi"])
        #expect(lines(text("abcdefg\nhi", []), width: 3, height: 2) == ["g", "hi"])
        // Two columns each.
        #expect(lines(text("日本語", []), width: 4) == ["日本", "語"])
        #expect(lines(text("", [256, 256, 256]), width: 2) == ["░░", "░"])
    }

    /// A model may write anything.
    @Test func nothingMovesTheCursor() {
        #expect(lines(text("a\u{1B}[2Jb\rc\u{9B}d", [7, 300])) == ["a?[2Jb?c?d?░"])
        // A character whose second byte is still unknown.
        #expect(lines(text("", [0xC3, 256])) == ["\u{FFFD}░"])
        #expect(lines(text("", [0xC3, 0xA9])) == ["é"])
        #expect(lines(text("", [0x41, 0xC3, 0xA9]), [1], colour: true) == ["A\u{1B}[0m\u{1B}[1mé\u{1B}[0m"])
    }

    @Test func theWholeTakesTenSecondsAtMost() {
        for steps in [1, 8, 100, 128, 5000] {
            let pace = RefinementDisplay.pace(steps: steps)
            #expect(pace > 0 && pace <= 0.1 && pace * Double(steps) <= 10.001)
        }
        #expect(RefinementDisplay.pace(steps: 8) == 0.1)
    }
}
