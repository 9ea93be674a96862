/// How a parameter gets its first values. The host draws them, keyed by seed and parameter name, so that
/// they do not depend on the order of declaration; `.custom` ones come from the model.
public enum Initialiser: Sendable, Equatable {
    /// All values equal.
    case constant(Double)
    /// Independent normal values.
    case normal(mean: Double, standardDeviation: Double)
    /// Independent uniform values in [from, to).
    case uniform(from: Double, to: Double)
    /// `SequenceModel.initialise` writes the values.
    case custom

    /// All values 0.
    public static var zeros: Initialiser { .constant(0) }
    /// All values 1.
    public static var ones: Initialiser { .constant(1) }
    /// Normal with mean 0.
    public static func normal(_ standardDeviation: Double) -> Initialiser {
        .normal(mean: 0, standardDeviation: standardDeviation)
    }
    /// Uniform in ±1/√fanIn: PyTorch's default for `Linear` (Kaiming uniform with a = √5).
    public static func kaimingUniform(fanIn: Int) -> Initialiser {
        let bound = 1 / Double(max(fanIn, 1)).squareRoot()
        return .uniform(from: -bound, to: bound)
    }
}
