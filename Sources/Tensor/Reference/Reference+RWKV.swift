extension Reference {
    /// See the function `tokenShift`.
    public static func tokenShift(
        _ x: Tensor, mix: Tensor, weight: ShiftWeight, after previous: Tensor? = nil
    ) -> Tensor {
        let tokens = x.shape[1], mix = mix.reshaped([x.shape[2]])
        let shifted =
            previous.map { concatenate([$0, x.sliced(axis: 1, 0..<tokens - 1)], axis: 1) }
            ?? x.sliced(axis: 1, 0..<tokens - 1).padded(axis: 1, before: 1, after: 0)  // [B, T, D]
        switch weight {
        case .ofPrevious: return x + mix * (shifted - x)
        case .ofCurrent: return shifted + mix * (x - shifted)
        }
    }

    /// See the function `wkv4`: the two sums in units of e^exponent, the exponent a constant, since it cancels.
    public static func wkv4(decay: Tensor, first: Tensor, key: Tensor, value: Tensor) -> Tensor {
        let (batch, tokens, channels) = (key.shape[0], key.shape[1], key.shape[2])
        let decay = decay.reshaped([channels]), first = first.reshaped([channels])
        var numerator = Tensor.zeros([batch, channels], key.scalarType)
        var denominator = numerator
        var exponent = Tensor.full([batch, channels], -1e38, key.scalarType)
        func larger(_ a: Tensor, _ b: Tensor) -> Tensor {
            // Right for a = −10³⁸, the first exponent; b is never that small.
            b.stopGradient() + (a.stopGradient() - b.stopGradient()).relu()
        }
        var outputs: [Tensor] = []
        for t in 0..<tokens {
            func at(_ x: Tensor) -> Tensor { x.sliced(axis: 1, t..<t + 1).reshaped([batch, channels]) }
            let (k, v) = (at(key), at(value))
            let top = larger(exponent, first + k)
            let (old, fresh) = ((exponent - top).exp(), (first + k - top).exp())
            outputs.append(
                ((old * numerator + fresh * v) / (old * denominator + fresh)).reshaped([batch, 1, channels]))
            let next = larger(exponent + decay, k)
            let (kept, added) = ((exponent + decay - next).exp(), (k - next).exp())
            numerator = kept * numerator + added * v
            denominator = kept * denominator + added
            exponent = next
        }
        return concatenate(outputs, axis: 1)
    }

    /// See the function `wkv7`.
    public static func wkv7(
        receptance: Tensor, decay: Tensor, key: Tensor, value: Tensor, removal: Tensor, rate: Tensor
    ) -> Tensor {
        let (batch, tokens, heads, size) = (key.shape[0], key.shape[1], key.shape[2], key.shape[3])
        var state = Tensor.zeros([batch, heads, size, size], key.scalarType)  // [B, H, values, keys]
        var outputs: [Tensor] = []
        for t in 0..<tokens {
            func at(_ x: Tensor, _ shape: [Int]) -> Tensor {
                x.sliced(axis: 1, t..<t + 1).reshaped([batch, heads] + shape)
            }
            func acrossKeys(_ x: Tensor) -> Tensor { at(x, [1, size]) }
            let removed = (state * acrossKeys(removal)).sum(axis: -1, keepingAxis: true)  // [B, H, values, 1]
            state =
                state * acrossKeys(decay) - removed * (acrossKeys(removal) * acrossKeys(rate))
                + at(value, [size, 1]) * acrossKeys(key)
            outputs.append((state * acrossKeys(receptance)).sum(axis: -1).reshaped([batch, 1, heads, size]))
        }
        return concatenate(outputs, axis: 1)
    }
}
