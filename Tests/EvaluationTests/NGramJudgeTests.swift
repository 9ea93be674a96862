import Evaluation
import Foundation
import SequenceModel
import Testing
import Training

struct NGramJudgeTests {
    @Test func probabilitiesSumToOne() {
        let judge = NGramJudge(Array("abracadabra, abracadabra".utf8)[...])
        for context in ["", "a", "abra", "abraca", "xyz", "zabra"] {
            let bytes = Array(context.utf8)
            let sum = (0 ... 255).reduce(0.0) { $0 + judge.probability(of: UInt8($1), after: bytes[...]) }
            #expect(abs(sum - 1) < 1e-12, "\(context): \(sum)")
        }
    }

    /// Counted by hand: in "aab", after "a" stand a and b, once each.
    @Test func byHand() {
        let judge = NGramJudge(Array("aab".utf8)[...])
        let none = (2 + 2.0 / 256) / 5  // a, of three bytes of two kinds
        #expect(abs(judge.probability(of: 97, after: []) - none) < 1e-12)
        #expect(abs(judge.probability(of: 97, after: [97]) - (1 + 2 * none) / 4) < 1e-12)
        // A context that never occurred says what the shorter one says.
        #expect(judge.probability(of: 97, after: [120, 97]) == judge.probability(of: 97, after: [97]))
        #expect(judge.bitsPerByte(of: [], after: [97]) == 0)
    }

    /// True text, the same words in disorder, its letters in disorder: worse and worse, always finite.
    @Test func disorderCosts() {
        let corpus = GrammarCorpus(seed: 3, size: 60_000).text
        let judge = NGramJudge(corpus[..<50_000])
        let text = Array(corpus[50_000 ..< 52_000])
        var stream = RandomKey(seed: 1).stream
        func shuffled<T>(_ items: [T]) -> [T] {
            var items = items
            for index in items.indices.dropLast() { items.swapAt(index, index + stream.index(below: items.count - index)) }
            return items
        }
        let words = shuffled(text.split(separator: 32).map(Array.init)).joined(separator: [32])
        let scores = [text, Array(words), shuffled(text), (0 ..< 2000).map { _ in UInt8(stream.index(below: 256)) }].map {
            judge.bitsPerByte(of: $0, after: [])
        }
        #expect(scores[0] < 2 && scores == scores.sorted() && scores.allSatisfy(\.isFinite), "\(scores)")
    }

    @Test func repetitionIsSeen() {
        #expect(NGramJudge.distinct([UInt8](repeating: 97, count: 108)) == 1.0 / 101)
        #expect(NGramJudge.distinct(Array(0 ..< 100)) == 1 && NGramJudge.distinct([1]) == 1)
    }
}
