internal import SequenceModel
public import Tensor

/// bias + f(x A) B with A [D, R], B [R, D], stored as RWKV-7's files do: row vectors times matrices. f is the identity or what the caller says.
struct LowRank {
    let down: Parameter, up: Parameter
    /// [1, 1, D]
    let bias: Parameter?

    /// Declares `name1` (zeros), `name2` (orthogonal, times 0.1) and, given first values, `name0`. No weight decay.
    init(
        _ p: Parameters, _ name: String, width: Int, rank: Int, learningRateMultiplier: Double = 1, bias: ((Int) -> Double)?
    ) {
        self.bias = bias.map { bias in
            p.parameter(
                name + "0", shape: [1, 1, width], weightDecay: false, learningRateMultiplier: learningRateMultiplier
            ) { _ in (0 ..< width).map(bias) }
        }
        down = p.parameter(name + "1", shape: [width, rank], weightDecay: false)
        up = p.orthogonal(name + "2", rows: rank, columns: width, gain: 0.1 * orthogonalGain(rank, width), weightDecay: false)
    }

    /// [B, T, D] → [B, T, D]
    func callAsFunction(_ x: Tensor, _ function: (Tensor) -> Tensor = { $0 }) -> Tensor {
        let inner = function(linear(x, inputMajorWeight: down.tensor))  // [B, T, R]
        return linear(inner, inputMajorWeight: up.tensor, bias: bias?.tensor)
    }
}
