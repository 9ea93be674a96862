extension Reference {
    /// See the function `causalConvolution`.
    public static func causalConvolution(_ x: Tensor, weight: Tensor, bias: Tensor? = nil, silu: Bool) -> Tensor {
        let (tokens, channels, width) = (x.shape[1], x.shape[2], weight.shape[2])
        let padded = x.padded(axis: 1, before: width - 1, after: 0)  // [B, T + W - 1, C]
        let taps = weight.reshaped([channels, width])
        let terms = (0..<width).map { tap in
            padded.sliced(axis: 1, tap..<tap + tokens) * taps.sliced(axis: 1, tap..<tap + 1).reshaped([channels])
        }
        let sum = terms.dropFirst().reduce(terms[0], +)
        let biased = bias.map { sum + $0 } ?? sum
        return silu ? biased.silu() : biased
    }

    /// See the function `selectiveScan`.
    public static func selectiveScan(
        u: Tensor, delta: Tensor, a: Tensor, b: Tensor, c: Tensor, d: Tensor, z: Tensor? = nil,
        eigenvalues: EigenvalueRange = .zeroToOne
    ) -> Tensor {
        let (batch, tokens, channels, states) = (u.shape[0], u.shape[1], u.shape[2], a.shape[1])
        var h = Tensor.zeros([batch, channels, states], u.scalarType)
        var outputs: [Tensor] = []
        for t in 0..<tokens {
            func at(_ x: Tensor, _ shape: [Int]) -> Tensor { x.sliced(axis: 1, t..<t + 1).reshaped(shape) }
            let step = at(delta, [batch, channels, 1])
            let input = at(u, [batch, channels, 1])
            h = eigenvalues.transition(step * a) * h + step * input * at(b, [batch, 1, states])  // [B, C, N]
            let y = (h * at(c, [batch, 1, states])).sum(axis: -1)  // [B, C]
            outputs.append(y.reshaped([batch, 1, channels]))
        }
        let y = concatenate(outputs, axis: 1) + d * u  // [B, T, C]
        return z.map { y * $0.silu() } ?? y
    }
}
