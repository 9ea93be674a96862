internal import SequenceModel
public import Tensor

/// A causal convolution of few taps, each channel by itself: y[t] = b + Σⱼ w[j] x[t − (W − 1) + j].
///
/// C · (W + 1) values with bias.
public struct ShortConvolution {
    /// [C, 1, W]
    public let weight: Parameter
    /// [C]
    public let bias: Parameter?

    /// `weight`: [C, 1, W]; `bias`: [C], nil stands for zeros.
    public init(weight: Parameter, bias: Parameter?) {
        self.weight = weight
        self.bias = bias
    }

    /// [B, T, C] → [B, T, C], after zeros; through SiLU if `silu`.
    public func callAsFunction(_ x: Tensor, silu: Bool) -> Tensor {
        causalConvolution(x, weight: weight.tensor, bias: bias?.tensor, silu: silu)
    }

    /// The same after what `history` [B, W − 1, C] holds, which is moved on.
    public func callAsFunction(_ x: Tensor, silu: Bool, history: inout Tensor) -> Tensor {
        causalConvolution(x, weight: weight.tensor, bias: bias?.tensor, silu: silu, history: &history)
    }

    /// [B, W − 1, C] of zeros: nothing was read.
    public func makeHistory(rows: Int, scalarType: ScalarType) -> Tensor {
        .zeros([rows, weight.shape[2] - 1, weight.shape[0]], scalarType)
    }
}

extension Parameters {
    /// Declares `name.weight` [channels, 1, width], uniform in ±1/√width as PyTorch does, and if `bias` `name.bias` [channels]
    /// likewise. No weight decay on the bias.
    public func shortConvolution(_ name: String, channels: Int, width: Int, bias: Bool = true) -> ShortConvolution {
        let p = scope(name)
        let initialiser = Initialiser.kaimingUniform(fanIn: width)
        return ShortConvolution(
            weight: p.parameter("weight", shape: [channels, 1, width], initialiser: initialiser),
            bias: bias ? p.parameter("bias", shape: [channels], initialiser: initialiser) : nil)
    }
}
