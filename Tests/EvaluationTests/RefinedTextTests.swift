import SequenceModel
import Testing

@testable import Evaluation

@Suite("Text that is refined")
struct RefinedTextTests {
    @Test("events make the text")
    func events() {
        var text = RefinedText(prompt: [72, 105], maskSymbol: 256)
        func apply(_ event: GenerationEvent) {
            let isApplied = text.apply(event)
            #expect(isApplied)
        }
        apply(.append([256, 256]))
        #expect(text.bytes() == Array("Hi__".utf8))
        #expect(text.unknown == 2)
        apply(.step(index: 3, count: 8))
        apply(.replace(begin: 3, symbols: [33]))
        #expect(text.step == 3 && text.steps == 8)
        #expect(text.bytes() == Array("Hi_!".utf8))
        #expect(text.unknown == 1)
    }

    @Test("positions that are not there are refused, and the text stays as it was")
    func outside() {
        var text = RefinedText(prompt: [1, 2], maskSymbol: nil)
        for event: GenerationEvent in [
            .replace(begin: -1, symbols: [1]), .replace(begin: 2, symbols: [1]),
            .replace(begin: 0, symbols: [1, 2, 3]),
            .replace(begin: .max, symbols: [1]),
        ] {
            let isApplied = text.apply(event)
            #expect(!isApplied)
        }
        #expect(text.symbols == [1, 2])
    }
}
