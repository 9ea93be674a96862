import Glibc
import SequenceModel

/// Text with known entropy, so that a result can be shown as the distance to the best possible one, and everything runs without
/// a file. Short stories in a small English: see `Grammar.english`.
///
/// Stories are independent and no two derivations give the same text, so the entropy rate is exactly
/// H(story) / E[bytes of a story] (a renewal process), and both are solutions of linear equations over the rules of the grammar.
public struct GrammarCorpus: Sendable {
    /// Size of the text that is used when no data are named, before it is rounded up to a whole story.
    public static let defaultSize = 1_200_000

    /// ASCII, whole stories, at least as long as was asked.
    public let text: [UInt8]
    /// What the text was drawn with; the seed of a training run is another one.
    public let seed: UInt64
    private let storyStarts: [Int]
    /// −log₂ of the probability of all choices that made the text.
    let choiceBits: Double

    /// Whole stories, until there are at least `size` bytes. The same for the same seed, on every machine.
    ///
    /// - Complexity: O(size), about 10⁷ bytes a second.
    public init(seed: UInt64 = 0, size: Int = GrammarCorpus.defaultSize) {
        self.seed = seed
        var generator = GrammarGenerator(.english, key: RandomKey(seed: seed).split("grammar corpus"))
        var starts: [Int] = []
        repeat {
            starts.append(generator.text.count)
            generator.append()
        } while generator.text.count < size
        text = generator.text
        storyStarts = starts
        choiceBits = generator.choiceBits
    }

    /// Bits per byte that no model can beat on average: the entropy rate.
    public static let entropyBitsPerByte: Double = {
        let (bits, bytes) = Grammar.english.expectations()
        return bits[0] / bytes[0]
    }()

    /// As data to train on.
    public var data: TextData { TextData(text, name: "built-in grammar corpus, seed \(seed), \(text.count) bytes") }

    /// −log₂ of the probability of these very bytes given all text before them: what the best possible model needs for them. A
    /// model that needs k bits less was lucky with probability at most 2⁻ᵏ (Markov's inequality).
    public func informationBits(of range: Range<Int>) -> Double {
        guard !range.isEmpty, let start = storyStarts.last(where: { $0 <= range.lowerBound }) else { return 0 }
        var scorer = GrammarScorer(.english, text: text)
        return scorer.bits(of: range, from: start).reduce(0, +)
    }
}
