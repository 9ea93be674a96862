import Tensor

/// Shifting, scaling and gating by a condition (adaLN).
enum Modulation {
    /// [1 or B, n·D] → n tensors: [D] when the condition is one for all rows, else [B, 1, D].
    static func split(_ condition: Tensor, into count: Int) -> [Tensor] {
        let rows = condition.shape[0]
        let width = condition.shape[1] / count
        return (0 ..< count).map { index in
            let part = condition.sliced(axis: 1, index * width ..< (index + 1) * width)  // [1 or B, D]
            return part.reshaped(rows == 1 ? [width] : [rows, 1, width])
        }
    }

    /// (1 + scale) ⊙ weight ⊙ normalised x + shift, x [B, T, D]. One condition for all rows costs no more than a plain norm.
    static func norm(_ x: Tensor, _ weight: Tensor, shift: Tensor, scale: Tensor) -> Tensor {
        if shift.rank == 1 {
            return layerNorm(x, weight: weight * (scale + 1), bias: shift, epsilon: 1e-5)
        }
        return layerNorm(x, weight: weight, bias: nil, epsilon: 1e-5) * (scale + 1) + shift
    }
}
