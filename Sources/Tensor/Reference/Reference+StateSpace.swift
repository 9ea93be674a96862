extension Reference {
    /// See the function `longConvolution`.
    public static func longConvolution(_ x: Tensor, filter: Tensor) -> Tensor {
        let tokens = x.shape[1]
        let terms = (0..<tokens).map { distance in
            x.sliced(axis: 1, 0..<tokens - distance).padded(axis: 1, before: distance, after: 0)
                * filter.sliced(axis: 0, distance..<distance + 1)
        }
        return terms.dropFirst().reduce(terms[0], +)
    }

    /// See the function `exponentialSums`.
    public static func exponentialSums(amplitude: ComplexTensor, rate: ComplexTensor, length: Int) -> Tensor {
        let (channels, states) = (rate.real.shape[0], rate.real.shape[1])
        let times = Tensor((0..<length).map(Double.init), shape: [length, 1, 1], type: rate.real.scalarType)
        func row(_ x: Tensor) -> Tensor { x.reshaped([1, channels, states]) }
        let powers = ComplexTensor(real: times * row(rate.real), imaginary: times * row(rate.imaginary)).exp()  // [T, C, N]
        return (row(amplitude.real) * powers.real - row(amplitude.imaginary) * powers.imaginary).sum(axis: -1)
    }

    /// See the function `stateSpaceDuality`.
    public static func stateSpaceDuality(
        _ x: Tensor, step: Tensor, decay: Tensor, b: Tensor, c: Tensor, skip: Tensor
    ) -> Tensor {
        let (batch, tokens, heads, width) = (x.shape[0], x.shape[1], x.shape[2], x.shape[3])
        let (groups, states) = (b.shape[2], b.shape[3])
        func forHeads(_ x: Tensor) -> Tensor {  // [B, T, G, N] → [B, T, H, N]
            x.reshaped([batch, tokens, groups, 1, states])
                .broadcast(to: [batch, tokens, groups, heads / groups, states])
                .reshaped([batch, tokens, heads, states])
        }
        let (b, c) = (forHeads(b), forHeads(c))
        var state = Tensor.zeros([batch, heads, width, states], x.scalarType)
        var outputs: [Tensor] = []
        for t in 0..<tokens {
            func at(_ x: Tensor, _ shape: [Int]) -> Tensor { x.sliced(axis: 1, t..<t + 1).reshaped([batch, heads] + shape) }
            let drive = at(x, [width, 1]) * at(step, [1, 1]) * at(b, [1, states])
            state = at(decay, [1, 1]) * state + drive  // [B, H, P, N]
            outputs.append((state * at(c, [1, states])).sum(axis: -1).reshaped([batch, 1, heads, width]))
        }
        return concatenate(outputs, axis: 1) + x * skip.reshaped([heads, 1])
    }
}
