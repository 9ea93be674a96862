import Layers
import SequenceModel
import Tensor
import Testing

@Suite struct RWKVMixingTests {
    @Test(arguments: [(7, 7), (40, 9), (9, 40), (1, 5), (64, 16)])
    func orthogonalMatricesAreOrthogonal(_ rows: Int, _ columns: Int) {
        var stream = RandomKey(seed: 4).stream
        let values = orthogonalValues(rows: rows, columns: columns, gain: 1.5, &stream)
        let m = Tensor(values, shape: [rows, columns])
        let square = rows < columns ? matmul(m, m, transposeB: true) : matmul(m, m, transposeA: true)
        let side = min(rows, columns)
        for (index, value) in square.toArray().enumerated() {
            #expect(abs(value - (index / side == index % side ? 2.25 : 0)) < 1e-13)
        }
        // Drawn, not fixed.
        var other = RandomKey(seed: 5).stream
        #expect(orthogonalValues(rows: rows, columns: columns, gain: 1.5, &other) != values || side == 1)
    }

    private func bind(_ p: Parameters) {
        for parameter in p.all {
            var stream = RandomKey(seed: 5).split(parameter.declaration.name).stream
            parameter.bind(
                Tensor((0 ..< parameter.shape.reduce(1, *)).map { _ in 0.4 * stream.normal() }, shape: parameter.shape))
        }
    }

    /// A mixer in pieces gives what it gives at once.
    private func checkPieces<M: Mixer>(_ mixer: M, _ comment: Comment) throws {
        var stream = RandomKey(seed: 9).stream
        let x = Tensor((0 ..< 2 * 23 * 12).map { _ in stream.normal() }, shape: [2, 23, 12])
        let whole = try mixer(x)
        var state = try mixer.initialState(rows: 2, scalarType: .float64)
        var parts: [Tensor] = []
        for range in [0 ..< 1, 1 ..< 2, 2 ..< 19, 19 ..< 23] {
            parts.append(try mixer(x.sliced(axis: 1, range), position: range.lowerBound, &state))
        }
        #expect((concatenate(parts, axis: 1) - whole).square().sum().item < 1e-24, comment)
        #expect(whole.square().sum().item > 1e-3, comment)
    }

    @Test func piecesGiveWhatTheWholeGives() throws {
        let p = Parameters()
        let four = RWKV4TimeMixing(p.scope("a"), width: 12, channels: 10, layer: 1, layers: 3)
        let channels = RWKV4ChannelMixing(p.scope("b"), width: 12, hidden: 20, layer: 1, layers: 3)
        let ranks = RWKV7TimeMixing.Ranks(decay: 3, rate: 4, value: 2, gate: 5)
        let seven = RWKV7TimeMixing(p.scope("c"), width: 12, headSize: 6, ranks: ranks, layer: 0, layers: 3)
        let feedForward = RWKV7ChannelMixing(p.scope("d"), width: 12, hidden: 20, layer: 1, layers: 3)
        try p.check()
        bind(p)
        try checkPieces(four, "RWKV-4, time")
        try checkPieces(channels, "RWKV-4, channels")
        try checkPieces(seven, "RWKV-7, time")
        try checkPieces(feedForward, "RWKV-7, channels")
    }

    @Test func ranksAreThoseSuggested() {
        let small = RWKV7TimeMixing.Ranks(width: 64), large = RWKV7TimeMixing.Ranks(width: 4096)
        #expect([small.decay, small.rate, small.value, small.gate] == [32, 32, 32, 32])
        #expect([large.decay, large.rate, large.value, large.gate] == [160, 160, 96, 320])
    }
}
