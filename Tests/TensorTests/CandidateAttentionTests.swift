import Testing

@testable import Tensor

/// The derivative of the derivative that descent on a candidate needs has loops of its own; here they meet the reference.
@Suite struct CandidateAttentionTests {
    private typealias Operation = (_ inputs: [Tensor]) -> Tensor

    private func inputs(_ tokens: Int, _ type: ScalarType) -> [Tensor] {
        var random = RandomNumbers(tokens)
        let (own, context) = ([2, tokens, 3, 5], [2, tokens + 3, 3, 5])
        return [own, own, own, context, context].map { random.tensor($0, in: -1...1, type) }
    }

    /// Gradients with respect to all five inputs, and to what is descended from, of a product of the gradients of the first three.
    private func second(_ inputs: [Tensor], _ operation: Operation) -> [[Double]] {
        var random = RandomNumbers(5)
        let (q, key, value) = (inputs[0], inputs[1], inputs[2])
        let weights = random.tensor(q.shape, in: -1...1, q.scalarType)
        let upstream = (0..<3).map { _ in random.tensor(q.shape, in: -1...1, q.scalarType) }
        for tensor in inputs + [weights] { tensor.requiresGradient = true }
        let first = gradients(of: (operation(inputs) * weights).sum(), withRespectTo: [q, key, value], createGraph: true)
        let sum = zip(first, upstream).map { ($0 * $1).sum() }.reduce(Tensor(0, type: q.scalarType), +)
        return gradients(of: sum, withRespectTo: inputs + [weights]).map { $0.toArray() }
    }

    private let fused: Operation = {
        candidateAttention($0[0], ownKey: $0[1], ownValue: $0[2], keys: $0[3], values: $0[4], visible: 2, scale: 0.6)
    }
    private let reference: Operation = {
        Reference.candidateAttention($0[0], ownKey: $0[1], ownValue: $0[2], keys: $0[3], values: $0[4], visible: 2, scale: 0.6)
    }

    @Test(arguments: [1, 2, 31, 32, 33, 70]) func secondDerivatives(_ tokens: Int) throws {
        try Execution(poisonsFreshMemory: true).run {
            let expected = second(inputs(tokens, .float64), reference)
            for (type, tolerance) in [(ScalarType.float64, 1e-11), (.float32, 1e-4)] {
                let found = second(inputs(tokens, type), fused)
                for (place, (a, b)) in zip(found, expected).enumerated() {
                    let scale = max(1, b.map(abs).max() ?? 0)
                    #expect(zip(a, b).allSatisfy { abs($0 - $1) <= tolerance * scale }, "input \(place), \(type)")
                }
            }
        }
    }

    /// The third derivative goes through the reference.
    @Test func thirdDerivatives() throws {
        try Execution().run {
            func third(_ operation: Operation) -> [[Double]] {
                let inputs = inputs(3, .float64)
                for tensor in inputs { tensor.requiresGradient = true }
                let own = Array(inputs[0..<3])
                let first = gradients(of: operation(inputs).square().sum(), withRespectTo: own, createGraph: true)
                let sum = first.map { $0.square().sum() }.reduce(Tensor(0, type: .float64), +)
                let second = gradients(of: sum, withRespectTo: inputs, createGraph: true)
                let total = second.map { $0.square().sum() }.reduce(Tensor(0, type: .float64), +)
                return gradients(of: total, withRespectTo: inputs).map { $0.toArray() }
            }
            for (a, b) in zip(third(fused), third(reference)) {
                let scale = max(1, b.map(abs).max() ?? 0)
                #expect(zip(a, b).allSatisfy { abs($0 - $1) <= 1e-9 * scale })
            }
        }
    }

    /// Keys behind what anybody sees are not read: a cache has places that hold nothing.
    @Test func whatIsNotSeenIsNotRead() throws {
        var given = inputs(4, .float64)
        let expected = fused(given).toArray()
        for index in 3...4 {
            var values = given[index].toArray()
            for place in 0..<2 {  // of each sequence the last of seven
                for number in (place * 7 + 5) * 15..<(place * 7 + 7) * 15 { values[number] = .nan }
            }
            given[index] = Tensor(values, shape: given[index].shape, type: .float64)
        }
        #expect(fused(given).toArray() == expected)
    }
}
