import SequenceModel
import Testing

@Suite struct BatchTests {
    private let shape = ModelShape(vocabulary: 5, alphabet: 4, maskSymbol: 4, maximumTokens: 3)

    private func message(_ batch: Batch) -> String {
        do {
            try batch.validate(for: shape)
            return "valid"
        } catch {
            return "\(error)"
        }
    }

    @Test func acceptsSymbolsMasksAndAbsentTargets() {
        #expect(message(Batch(rows: 2, length: 2, tokens: [0, 3, 4, 1], targets: [-1, 3, 0, 1])) == "valid")
        #expect(message(Batch(rows: 1, length: 3, tokens: [0, 1, 2])) == "valid")
        #expect(Batch(rows: 1, length: 3, tokens: [0, 1, 2], targets: [-1, 2, -1]).targetCount == 1)
    }

    @Test(arguments: [
        (Batch(rows: 0, length: 2, tokens: []), "batch is 0 × 2; both must be at least 1"),
        (Batch(rows: 1, length: 0, tokens: []), "batch is 1 × 0; both must be at least 1"),
        (
            Batch(rows: 1, length: 4, tokens: [0, 0, 0, 0]), "batch has rows of 4 tokens; this model takes at most 3"
        ),
        (Batch(rows: 1, length: 3, tokens: [0, 1]), "batch of 1 × 3 has 2 tokens"),
        (Batch(rows: Int.max, length: 3, tokens: [0, 1]), "batch of \(Int.max) × 3 has 2 tokens"),
        (Batch(rows: 1, length: 2, tokens: [0, 1], targets: [1]), "batch of 1 × 2 has 1 targets"),
        (Batch(rows: 1, length: 2, tokens: [0, 1], weights: [1, 1, 1]), "batch of 1 × 2 has 3 weights"),
        (Batch(rows: 2, length: 2, tokens: [0, 1, 0, 5]), "token 5 at row 1, position 1; allowed: 0 to 3"),
        (Batch(rows: 1, length: 1, tokens: [-1]), "token -1 at row 0, position 0; allowed: 0 to 3"),
        (
            Batch(rows: 1, length: 2, tokens: [0, 1], targets: [0, 4]),
            "target 4 at row 0, position 1; allowed: −1 to 3"
        ),
        (
            Batch(rows: 1, length: 2, tokens: [0, 1], targets: [-2, 0]),
            "target -2 at row 0, position 0; allowed: −1 to 3"
        ),
    ])
    func refusesAndSaysWhere(batch: Batch, expected: String) { #expect(message(batch) == expected) }
}
