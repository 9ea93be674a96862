/// Arithmetic of two tensors. Shapes are equal, or broadcast to each other: axes are aligned from the end, and an axis of
/// extent 1, or a missing one, repeats.
extension Tensor {
    /// a + b
    public static func + (a: Tensor, b: Tensor) -> Tensor {
        combine(a, b, Addition.self).recorded(from: [a, b]) { [a = a.shape, b = b.shape] dy, into in
            into.add(0, dy.summed(to: a))
            into.add(1, dy.summed(to: b))
        }
    }

    /// a · b, value by value.
    public static func * (a: Tensor, b: Tensor) -> Tensor {
        combine(a, b, Multiplication.self).recorded(from: [a, b]) { dy, into in
            into.add(0, (dy * b).summed(to: a.shape))
            into.add(1, (dy * a).summed(to: b.shape))
        }
    }

    /// a − b
    public static func - (a: Tensor, b: Tensor) -> Tensor {
        guard a.shape == b.shape else { return a + -b }
        return combine(a, b, Subtraction.self).recorded(from: [a, b]) { dy, into in
            into.add(0, dy)
            into.add(1, -dy)
        }
    }

    /// a / b, value by value.
    public static func / (a: Tensor, b: Tensor) -> Tensor {
        guard a.shape == b.shape else { return a * b.reciprocal() }
        return combine(a, b, Division.self).recorded(from: [a, b]) { dy, into in
            into.add(0, dy / b)
            into.add(1, -(dy * a / b.square()))
        }
    }

    /// All values times `factor`.
    public static func * (x: Tensor, factor: Double) -> Tensor {
        x.mapped(Multiplication.self, factor).recorded(from: [x]) { dy, into in into.add(0, dy * factor) }
    }

    /// `value` added to all.
    public static func + (x: Tensor, value: Double) -> Tensor {
        x.mapped(Addition.self, value).recorded(from: [x]) { dy, into in into.add(0, dy) }
    }

    /// −x
    public static prefix func - (x: Tensor) -> Tensor { x * -1 }
    /// All values times `factor`.
    public static func * (factor: Double, x: Tensor) -> Tensor { x * factor }
    /// `value` added to all.
    public static func + (value: Double, x: Tensor) -> Tensor { x + value }
    /// `value` taken from all.
    public static func - (x: Tensor, value: Double) -> Tensor { x + -value }
    /// All values taken from `value`.
    public static func - (value: Double, x: Tensor) -> Tensor { -x + value }
    /// All values times 1 / `divisor`.
    public static func / (x: Tensor, divisor: Double) -> Tensor { x * (1 / divisor) }
    /// `value` over each.
    public static func / (value: Double, x: Tensor) -> Tensor { x.reciprocal() * value }

    /// x²
    public func square() -> Tensor { self * self }
}

private enum Addition: ScalarArithmetic {
    static func same<R: Real>(_: R.Type) -> R.Binary { R.addValues }
    static func row<R: Real>(_: R.Type) -> R.RowBinary { R.addRow }
    static func scalar<R: Real>(_: R.Type) -> R.WithScalar { R.addScalar }
}

private enum Multiplication: ScalarArithmetic {
    static func same<R: Real>(_: R.Type) -> R.Binary { R.multiplyValues }
    static func row<R: Real>(_: R.Type) -> R.RowBinary { R.multiplyRow }
    static func scalar<R: Real>(_: R.Type) -> R.WithScalar { R.scale }
}

private enum Subtraction: Arithmetic {
    static func same<R: Real>(_: R.Type) -> R.Binary { R.subtractValues }
}

private enum Division: Arithmetic {
    static func same<R: Real>(_: R.Type) -> R.Binary { R.divideValues }
}
