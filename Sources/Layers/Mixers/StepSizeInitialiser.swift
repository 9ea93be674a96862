internal import Glibc
public import SequenceModel

/// First values of the step sizes Δ of state-space models: drawn log-uniformly.
public struct StepSizeInitialiser: Sendable {
    /// Smallest and largest Δ.
    public var range: ClosedRange<Double>
    /// Smaller ones are raised to this.
    public var floor: Double

    /// `range` lies above 0.
    public init(range: ClosedRange<Double>, floor: Double = 0) {
        self.range = range
        self.floor = floor
    }

    /// `count` values of ln Δ.
    public func logarithms(_ count: Int, _ stream: inout RandomStream) -> [Double] {
        (0 ..< count).map { _ in
            log(range.lowerBound) + stream.uniform() * log(range.upperBound / range.lowerBound)
        }
    }

    /// `count` biases whose softplus is Δ.
    public func biases(_ count: Int, _ stream: inout RandomStream) -> [Double] {
        logarithms(count, &stream).map { exponent in
            let step = max(exp(exponent), max(floor, 1e-12))
            return step + log(-expm1(-step))
        }
    }
}
