import Evaluation
import Testing

struct GapPromptTests {
    @Test func eachOccurrenceIsOneSymbol() {
        let prompt = GapPrompt("a__b_", gap: "_", maskSymbol: 256)
        #expect(prompt.symbols == [97, 256, 256, 98, 256])
        #expect(prompt.gaps == [1 ..< 3, 4 ..< 5] && prompt.count == 3)
    }

    /// A gap is one symbol whatever the character that marks it; other characters are their bytes.
    @Test func charactersOfSeveralBytes() {
        let prompt = GapPrompt("é░\r\n", gap: "░", maskSymbol: 256)
        #expect(prompt.symbols == [0xC3, 0xA9, 256, 13, 10] && prompt.gaps == [2 ..< 3])
        #expect(GapPrompt("abc", gap: "_", maskSymbol: 256).gaps.isEmpty)
    }

    @Test func whatWasGivenMustStay() {
        let prompt = GapPrompt("a_b", gap: "_", maskSymbol: 256)
        #expect(prompt.firstChange(in: [97, 1, 98]) == nil)
        #expect(prompt.firstChange(in: [97, 1, 98, 5]) == nil)
        #expect(prompt.firstChange(in: [97, 1, 99]) == 2)
        #expect(prompt.firstChange(in: [97]) == 2)
    }
}
