/// Functions of one number, applied to each.
extension Tensor {
    /// eˣ
    public func exp() -> Tensor { applying(Exponential.self) }
    /// Natural logarithm.
    public func log() -> Tensor { applying(Logarithm.self) }
    /// √x
    public func sqrt() -> Tensor { applying(SquareRoot.self) }
    /// 1 / x
    public func reciprocal() -> Tensor { applying(Reciprocal.self) }
    /// Hyperbolic tangent.
    public func tanh() -> Tensor { applying(HyperbolicTangent.self) }
    /// 1 / (1 + e⁻ˣ)
    public func sigmoid() -> Tensor { applying(Sigmoid.self) }
    /// x · sigmoid(x) (Elfwing et al. 2017, arXiv:1702.03118)
    public func silu() -> Tensor { applying(SiLU.self) }
    /// GELU in its tanh form, x/2 · (1 + tanh(√(2/π) (x + 0.044715 x³))) (Hendrycks and Gimpel 2016, arXiv:1606.08415)
    public func geluTanh() -> Tensor { applying(GELU.self) }
    /// GELU in its exact form, x/2 · (1 + erf(x / √2))
    public func gelu() -> Tensor { applying(ExactGELU.self) }
    /// max(x, 0); the derivative at 0 is 0.
    public func relu() -> Tensor { applying(ReLU.self) }
    /// ln(1 + eˣ)
    public func softplus() -> Tensor { applying(Softplus.self) }
    /// sin x, x in radians.
    public func sine() -> Tensor { applying(Sine.self) }
    /// cos x, x in radians.
    public func cosine() -> Tensor { applying(Cosine.self) }
}

private enum Exponential: UnaryFunction {
    static func values<R: Real>(_: R.Type) -> R.Unary { R.expValues }
    static func backward<R: Real>(_: R.Type) -> R.Binary { R.expBackward }
    static func derivative(at x: Tensor) -> Tensor { x.exp() }
}

private enum Logarithm: UnaryFunction {
    static func values<R: Real>(_: R.Type) -> R.Unary { R.logValues }
    static func backward<R: Real>(_: R.Type) -> R.Binary { R.logBackward }
    static func derivative(at x: Tensor) -> Tensor { x.reciprocal() }
}

private enum SquareRoot: UnaryFunction {
    static func values<R: Real>(_: R.Type) -> R.Unary { R.sqrtValues }
    static func backward<R: Real>(_: R.Type) -> R.Binary { R.sqrtBackward }
    static func derivative(at x: Tensor) -> Tensor { 0.5 / x.sqrt() }
}

private enum Reciprocal: UnaryFunction {
    static func values<R: Real>(_: R.Type) -> R.Unary { R.reciprocalValues }
    static func backward<R: Real>(_: R.Type) -> R.Binary { R.reciprocalBackward }
    static func derivative(at x: Tensor) -> Tensor { -x.reciprocal().square() }
}

private enum HyperbolicTangent: UnaryFunction {
    static func values<R: Real>(_: R.Type) -> R.Unary { R.tanhValues }
    static func backward<R: Real>(_: R.Type) -> R.Binary { R.tanhBackward }
    static func derivative(at x: Tensor) -> Tensor { 1 - x.tanh().square() }
}

private enum Sigmoid: UnaryFunction {
    static func values<R: Real>(_: R.Type) -> R.Unary { R.sigmoidValues }
    static func backward<R: Real>(_: R.Type) -> R.Binary { R.sigmoidBackward }
    static func derivative(at x: Tensor) -> Tensor { x.sigmoid() * (-x).sigmoid() }
}

private enum SiLU: UnaryFunction {
    static func values<R: Real>(_: R.Type) -> R.Unary { R.siluValues }
    static func backward<R: Real>(_: R.Type) -> R.Binary { R.siluBackward }
    static func derivative(at x: Tensor) -> Tensor { x.sigmoid() * (1 + x * (-x).sigmoid()) }
}

private enum GELU: UnaryFunction {
    static func values<R: Real>(_: R.Type) -> R.Unary { R.geluTanhValues }
    static func backward<R: Real>(_: R.Type) -> R.Binary { R.geluTanhBackward }
    /// With t = tanh(u), u = s (x + c x³): (1 + t) / 2 + x/2 · (1 − t²) · s (1 + 3c x²)
    static func derivative(at x: Tensor) -> Tensor {
        let s = (2 / Double.pi).squareRoot(), c = 0.044715
        let t = ((x + c * x * x.square()) * s).tanh()
        return 0.5 * (1 + t) + 0.5 * s * x * (1 - t.square()) * (1 + 3 * c * x.square())
    }
}

private enum ExactGELU: UnaryFunction {
    static func values<R: Real>(_: R.Type) -> R.Unary { R.geluValues }
    static func backward<R: Real>(_: R.Type) -> R.Binary { R.geluBackward }
    /// Φ(x) + x φ(x), whose derivative is φ(x) (2 − x²)
    static func derivative(at x: Tensor) -> Tensor {
        x.pulledBack(.ones(x.shape, x.scalarType), ExactGELU.self).recorded(from: [x]) { dy, into in
            let density = (-0.5 * x.square()).exp() * (1 / (2 * Double.pi).squareRoot())
            into.add(0, dy * density * (2 - x.square()))
        }
    }
}

private enum ReLU: UnaryFunction {
    static func values<R: Real>(_: R.Type) -> R.Unary { R.reluValues }
    static func backward<R: Real>(_: R.Type) -> R.Binary { R.reluBackward }
    /// 1 where x > 0, else 0: itself without derivative.
    static func derivative(at x: Tensor) -> Tensor {
        let x = x.detached()
        return x.pulledBack(.ones(x.shape, x.scalarType), ReLU.self)
    }
}

private enum Softplus: UnaryFunction {
    static func values<R: Real>(_: R.Type) -> R.Unary { R.softplusValues }
    static func backward<R: Real>(_: R.Type) -> R.Binary { R.softplusBackward }
    static func derivative(at x: Tensor) -> Tensor { x.sigmoid() }
}

private enum Sine: UnaryFunction {
    static func values<R: Real>(_: R.Type) -> R.Unary { R.sineValues }
    static func backward<R: Real>(_: R.Type) -> R.Binary { R.sineBackward }
    static func derivative(at x: Tensor) -> Tensor { x.cosine() }
}

private enum Cosine: UnaryFunction {
    static func values<R: Real>(_: R.Type) -> R.Unary { R.cosineValues }
    static func backward<R: Real>(_: R.Type) -> R.Binary { R.cosineBackward }
    static func derivative(at x: Tensor) -> Tensor { -x.sine() }
}
