import SequenceModel
import Testing
import Training

@testable import Evaluation

/// The two forms of a row, and what a training run draws.
struct TaskBatchTests {
    private func batch(_ example: TaskExample, _ name: String, everywhere: Bool = false, inPlace: Bool) throws -> Batch {
        Batch(examples: [example], of: try TaskSpecification(name).make(), everywhere: everywhere, targetsInPlace: inPlace)
    }

    /// An answer that follows in the text, one in an empty place, one after the last token.
    @Test func answersThatFollow() throws {
        let example = TaskExample(tokens: [5, 6, 7, 0, 8], targets: [-1, 7, -1, -1, 9])
        let causal = try batch(example, "copy", inPlace: false)
        #expect(causal.tokens == example.tokens && causal.targets == example.targets)
        let inPlace = try batch(example, "copy", inPlace: true)
        #expect(inPlace.tokens == [5, 6, 7, 0, 8, 9])
        #expect(inPlace.targets == [-1, -1, 7, -1, -1, 9])
        let empty = try batch(TaskExample(tokens: [5, 0, 6, 0], targets: [3, -1, 4, -1]), "mqar", inPlace: true)
        #expect(empty.tokens == [5, 3, 6, 4] && empty.targets == [-1, 3, -1, 4])
    }

    /// Where every token is a question of its own, a place for the answer is put in.
    @Test func answersThatArePutIn() throws {
        let example = TaskExample(tokens: [1, 0, 1], targets: [1, 1, 0])
        let inPlace = try batch(example, "parity", inPlace: true)
        #expect(inPlace.tokens == [1, 1, 0, 1, 1, 0] && inPlace.targets == [-1, 1, -1, 1, -1, 0])
        let task = try TaskSpecification("s5").make()
        #expect(TaskSource.longestRow(task, lengths: [32, 64], targetsInPlace: true) == 128)
        #expect(TaskSource.longestRow(task, lengths: [32, 64], targetsInPlace: false) == 64)
    }

    @Test func everySymbol() throws {
        let example = TaskExample(tokens: [5, 6, 7], targets: [-1, -1, 8])
        #expect(try batch(example, "copy", everywhere: true, inPlace: false).targets == [6, 7, 8])
        #expect(try batch(example, "copy", everywhere: true, inPlace: true).targets == [-1, 6, 7, 8])
    }

    @Test func shorterRowsAreFilledUp() throws {
        let task = try TaskSpecification("mad-fuzzy-recall").make()
        let rows = [TaskExample(tokens: [1, 9], targets: [-1, -1]), TaskExample(tokens: [1, 9, 2], targets: [-1, -1, 10])]
        let batch = Batch(examples: rows, of: task, targetsInPlace: false)
        #expect(batch.tokens == [1, 9, 0, 1, 9, 2] && batch.targets == [-1, -1, -1, -1, -1, 10])
    }

    private func source(_ text: String, seed: UInt64 = 1, batch: Int = 4, accumulate: Int = 1) throws -> TaskSource {
        var options = TrainingOptions(steps: 100)
        options.batch = batch
        options.accumulate = accumulate
        options.seed = seed
        return try TaskSource(TaskSpecification(text), options: options)
    }

    /// What comes at a step does not depend on what was drawn before: a resumed run goes on with the same rows.
    @Test(arguments: ["parity", "associative-recall:examples=10", "mqar:examples=0,vocabulary=64"]) func anyStepAlone(_ name: String) throws {
        let whole = try source(name)
        let steps = (0 ..< 12).map { whole.batch(step: $0, part: 0, targetsInPlace: false) }
        for step in [11, 3, 7] {
            let alone = try source(name).batch(step: step, part: 0, targetsInPlace: false)
            #expect(alone.tokens == steps[step].tokens && alone.targets == steps[step].targets && alone.key == steps[step].key)
        }
        #expect(try source(name, seed: 2).batch(step: 0, part: 0, targetsInPlace: false).tokens != steps[0].tokens)
    }

    /// A finite training set: each epoch every row once, in another order, the same rows for every seed.
    @Test func epochs() throws {
        func rows(_ seed: UInt64, _ steps: Range<Int>) throws -> [[Int32]] {
            let source = try source("associative-recall:examples=12", seed: seed)
            return steps.flatMap { step -> [[Int32]] in
                let batch = source.batch(step: step, part: 0, targetsInPlace: false)
                return (0 ..< batch.rows).map { Array(batch.tokens[$0 * batch.length ..< ($0 + 1) * batch.length]) }
            }
        }
        let (first, second) = (try rows(1, 0 ..< 3), try rows(1, 3 ..< 6))
        #expect(Set(first).count == 12 && Set(first) == Set(second) && first != second)
        #expect(try Set(rows(2, 0 ..< 3)) == Set(first))
    }

    /// All lengths of training come, one in a step, all parts of a step alike; the weights of a step sum to 1.
    @Test func lengthsAndWeights() throws {
        let source = try source("parity:max_length=6", accumulate: 2)
        var lengths: Set<Int> = []
        for step in 0 ..< 60 {
            let parts = (0 ..< 2).map { source.batch(step: step, part: $0, targetsInPlace: false) }
            #expect(parts[0].length == parts[1].length)
            let sums: [Float] = parts.map { part in (part.weights ?? []).reduce(0, +) }
            let off = abs(sums[0] + sums[1] - 1)
            #expect(off < 1e-6)
            lengths.insert(parts[0].length)
        }
        #expect(lengths == [3, 4, 5, 6])
    }
}
