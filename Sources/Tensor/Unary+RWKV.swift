/// Functions of one number that RWKV applies to each.
extension Tensor {
    /// max(x, 0)² (So et al. 2021, arXiv:2109.08668)
    public func squaredRelu() -> Tensor { applying(SquaredReLU.self) }
    /// exp(−e^(−½) · sigmoid(x)), between 0.545 and 1: RWKV-7's decay (arXiv:2503.14456, equation 12).
    public func softDecay() -> Tensor { applying(SoftDecay.self) }
}

private enum SquaredReLU: UnaryFunction {
    static func values<R: Real>(_: R.Type) -> R.Unary { R.squaredReluValues }
    static func backward<R: Real>(_: R.Type) -> R.Binary { R.squaredReluBackward }
    static func derivative(at x: Tensor) -> Tensor { 2 * x.relu() }
}

private enum SoftDecay: UnaryFunction {
    static func values<R: Real>(_: R.Type) -> R.Unary { R.softDecayValues }
    static func backward<R: Real>(_: R.Type) -> R.Binary { R.softDecayBackward }
    static func derivative(at x: Tensor) -> Tensor {
        -0.6065306597126334 * x.softDecay() * x.sigmoid() * (-x).sigmoid()
    }
}
