import Layers
import SequenceModel
import Tensor
import Testing

/// Layers against their formulas written out.
@Suite struct LayerTests {
    /// Binds every parameter of `p` to deterministic normal values.
    private func bind(_ p: Parameters) {
        for parameter in p.all {
            var stream = RandomKey(seed: 5).split(parameter.declaration.name).stream
            let count = parameter.shape.reduce(1, *)
            parameter.bind(Tensor((0 ..< count).map { _ in stream.normal() }, shape: parameter.shape))
        }
    }

    private func input(_ shape: [Int], seed: UInt64 = 9) -> Tensor {
        var stream = RandomKey(seed: seed).stream
        return Tensor((0 ..< shape.reduce(1, *)).map { _ in stream.normal() }, shape: shape)
    }

    private func largestDifference(_ a: Tensor, _ b: [Double]) -> Double {
        a.count == b.count ? zip(a.toArray(), b).reduce(0) { max($0, abs($1.0 - $1.1)) } : .infinity
    }

    @Test func linearIsXTimesTheTransposedWeightPlusBias() {
        let p = Parameters()
        let layer = p.linear("l", 3, 2, bias: true)
        bind(p)
        let x = input([4, 3])
        let (w, b, v) = (layer.weight.tensor.toArray(), layer.bias?.tensor.toArray() ?? [], x.toArray())
        var expected: [Double] = []
        for row in 0 ..< 4 {
            for out in 0 ..< 2 {
                var sum: Double = b[out]
                for index in 0 ..< 3 { sum += v[row * 3 + index] * w[out * 3 + index] }
                expected.append(sum)
            }
        }
        #expect(largestDifference(layer(x), expected) < 1e-12)
    }

    @Test func feedForwardIsSwiGLU() {
        let p = Parameters()
        let layer = FeedForward(p, width: 3, hidden: 5)
        bind(p)
        let x = input([2, 2, 3])
        let gate = layer.gate(x), up = layer.up(x)
        let expected = layer.down(gate * gate.sigmoid() * up).toArray()
        #expect(layer(x).shape == [2, 2, 3])
        #expect(largestDifference(layer(x), expected) < 1e-12)
    }

    @Test func embeddingPicksRows() {
        let p = Parameters()
        let layer = p.embedding("e", 5, 2)
        bind(p)
        let table = layer.weight.tensor.toArray()
        let found = layer(Tokens(rows: 2, length: 2, ids: [4, 0, 2, 2]))
        #expect(found.shape == [2, 2, 2])
        let expected: [Double] = [8, 9, 0, 1, 4, 5, 4, 5].map { (place: Int) in table[place] }
        #expect(found.toArray() == expected)
    }

    @Test func rotaryTablesGrowAndDependOnThePositionAlone() {
        let rotary = RotaryEmbedding(pairs: 2, theta: 100)
        let x = input([1, 1, 1, 4])
        let near = rotary(x, from: 3).toArray()
        _ = rotary(x, from: 1000)
        #expect(rotary(x, from: 3).toArray() == near)
        #expect(rotary(x, from: 0).toArray() == x.toArray())
    }

    @Test func convolutionGoesOnFromItsHistory() {
        let p = Parameters()
        let layer = p.shortConvolution("c", channels: 3, width: 4)
        bind(p)
        let x = input([2, 10, 3])
        let whole = layer(x, silu: true)
        var history = layer.makeHistory(rows: 2, scalarType: .float64)
        var parts: [Tensor] = []
        for range in [0 ..< 1, 1 ..< 3, 3 ..< 10] {
            parts.append(layer(x.sliced(axis: 1, range), silu: true, history: &history))
        }
        #expect(largestDifference(concatenate(parts, axis: 1), whole.toArray()) < 1e-12)
    }

    @Test func columnsOfTokens() {
        let tokens = Tokens(rows: 2, length: 3, ids: [1, 2, 3, 4, 5, 6])
        #expect(tokens.columns(1 ..< 3).ids == [2, 3, 5, 6])
        #expect(tokens.columns(0 ..< 3).ids == tokens.ids)
    }
}
