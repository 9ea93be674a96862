internal import Glibc

/// Complex numbers: real and imaginary parts in two tensors of one shape. Every operation is differentiable.
public struct ComplexTensor {
    /// Real parts.
    public let real: Tensor
    /// Imaginary parts, of the same shape.
    public let imaginary: Tensor

    /// Two tensors of one shape.
    public init(real: Tensor, imaginary: Tensor) {
        precondition(real.shape == imaginary.shape, "complex numbers of parts \(real.shape), \(imaginary.shape)")
        self.real = real
        self.imaginary = imaginary
    }

    /// From pairs [..., 2], as PyTorch's `view_as_real` lays them out.
    public init(pairs: Tensor) {
        precondition(pairs.extent(-1) == 2, "pairs of shape \(pairs.shape)")
        let shape = Array(pairs.shape.dropLast())
        self.init(
            real: pairs.sliced(axis: -1, 0..<1).reshaped(shape), imaginary: pairs.sliced(axis: -1, 1..<2).reshaped(shape))
    }

    /// Value by value.
    public static func * (a: ComplexTensor, b: ComplexTensor) -> ComplexTensor {
        ComplexTensor(
            real: a.real * b.real - a.imaginary * b.imaginary, imaginary: a.real * b.imaginary + a.imaginary * b.real)
    }

    /// Times real numbers.
    public static func * (a: ComplexTensor, b: Tensor) -> ComplexTensor {
        ComplexTensor(real: a.real * b, imaginary: a.imaginary * b)
    }

    /// Times a number.
    public static func * (a: ComplexTensor, b: Double) -> ComplexTensor {
        ComplexTensor(real: a.real * b, imaginary: a.imaginary * b)
    }

    /// Value by value: a · conj(b) / |b|².
    public static func / (a: ComplexTensor, b: ComplexTensor) -> ComplexTensor {
        let size = (b.real.square() + b.imaginary.square()).reciprocal()
        return ComplexTensor(
            real: (a.real * b.real + a.imaginary * b.imaginary) * size,
            imaginary: (a.imaginary * b.real - a.real * b.imaginary) * size)
    }

    /// eᶻ
    public func exp() -> ComplexTensor {
        let size = real.exp()
        return ComplexTensor(real: size * imaginary.cosine(), imaginary: size * imaginary.sine())
    }

    /// eᶻ − 1 without the cancellation near 0: (eᵃ − 1) cos b − 2 sin²(b/2) + i eᵃ sin b, eᵃ − 1 = tanh(a/2) (eᵃ + 1).
    public func expMinusOne() -> ComplexTensor {
        let size = real.exp()
        let less = (real * 0.5).tanh() * (size + 1)
        return ComplexTensor(
            real: less * imaginary.cosine() - 2 * (imaginary * 0.5).sine().square(), imaginary: size * imaginary.sine())
    }

    /// ln |z| + i arg z, the angle in (−π, π].
    public func log() -> ComplexTensor {
        ComplexTensor(real: 0.5 * (real.square() + imaginary.square()).log(), imaginary: angle())
    }

    /// arg z in (−π, π]. For parameters: the values are made one by one.
    private func angle() -> Tensor {
        let values = zip(imaginary.toArray(), real.toArray()).map { atan2($0, $1) }
        return Tensor(values, shape: real.shape, type: real.scalarType)
            .recorded(from: [real, imaginary]) { [real, imaginary] dy, into in
                let share = dy / (real.square() + imaginary.square())
                into.add(0, -(share * imaginary))
                into.add(1, share * real)
            }
    }
}
