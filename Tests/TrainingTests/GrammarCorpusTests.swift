import Foundation
import Testing

@testable import Training

struct GrammarCorpusTests {
    @Test func looksLikeSentences() {
        let text = String(decoding: GrammarCorpus(seed: 0, size: 3000).text, as: UTF8.self)
        #expect(text.hasSuffix(".\n"))
        #expect(!text.contains("{") && !text.contains("  "))
    }

    @Test func sameSeedSameText() {
        #expect(GrammarCorpus(seed: 3, size: 10_000).text == GrammarCorpus(seed: 3, size: 10_000).text)
        #expect(GrammarCorpus(seed: 3, size: 10_000).text != GrammarCorpus(seed: 4, size: 10_000).text)
        #expect(GrammarCorpus(seed: 3, size: 10_000).text == Array(GrammarCorpus(seed: 3, size: 20_000).text.prefix(GrammarCorpus(seed: 3, size: 10_000).text.count)))
    }

    /// The probability of a text, summed over every derivation that could have made it, equals that of the one derivation that
    /// did: no text has two derivations, so the entropy of the derivations is the entropy of the text.
    @Test func isUnambiguous() {
        let corpus = GrammarCorpus(seed: 1, size: 200_000)
        let bits = corpus.informationBits(of: 0 ..< corpus.text.count)
        #expect(abs(bits - corpus.choiceBits) < 1e-6 * bits)
    }

    @Test func entropyRateIsWhatLongTextsConvergeTo() {
        let corpus = GrammarCorpus(seed: 2, size: 4_000_000)
        let measured = corpus.choiceBits / Double(corpus.text.count)
        #expect(abs(measured - GrammarCorpus.entropyBitsPerByte) < 0.003)
    }

    @Test func informationOfPartsSumsToTheWhole() {
        let corpus = GrammarCorpus(seed: 5, size: 20_000)
        let cuts = [0, 1, 777, 5000, 5001, 12_345, corpus.text.count]
        let parts = zip(cuts, cuts.dropFirst()).map { corpus.informationBits(of: $0 ..< $1) }
        #expect(abs(parts.reduce(0, +) - corpus.informationBits(of: 0 ..< corpus.text.count)) < 1e-6)
        #expect(corpus.informationBits(of: 5 ..< 5) == 0)
    }

    /// The equations of `expectations` on a grammar small enough to solve by hand: S → "a" S (1/2) | "b" (1/2) has 2 bits and 2 bytes.
    @Test func expectationsByHand() {
        let grammar = Grammar([("s", [(1, "a{s}"), (1, "b")])])
        let (bits, bytes) = grammar.expectations()
        #expect(abs(bits[0] - 2) < 1e-12)
        #expect(abs(bytes[0] - 2) < 1e-12)
        // A kept word of 1 or 3 bytes (1 bit), said twice: 1 bit, 4 bytes.
        let copying = Grammar([("s", [(1, "{+w}{=w}")]), ("w", [(1, "x"), (1, "yyy")])]).expectations()
        #expect(copying.bits[0] == 1 && copying.bytes[0] == 4)
    }

    @Test func impossibleTextHasNoProbability() {
        var scorer = GrammarScorer(Grammar([("s", [(1, "ab")])]), text: Array("abba".utf8))
        #expect(scorer.bits(of: 0 ..< 4, from: 0) == [0, 0, .infinity, .infinity])
    }
}
