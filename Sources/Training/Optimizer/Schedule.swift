import Glibc

/// The learning rate of each step: a linear rise over the warm-up, then a fall from `peak` to `minimum`.
public struct Schedule: Sendable, Equatable {
    public enum Shape: String, Sendable, Codable, CaseIterable {
        /// Half a cosine (Loshchilov and Hutter 2017, arXiv:1608.03983, without restarts).
        case cosine
        case linear
        /// No fall.
        case constant
    }

    public var shape: Shape
    public var peak: Double
    public var minimum: Double
    public var warmupSteps: Int

    public init(shape: Shape, peak: Double, minimum: Double, warmupSteps: Int) {
        self.shape = shape
        self.peak = peak
        self.minimum = minimum
        self.warmupSteps = warmupSteps
    }

    /// The rate of step `step`, counted from 0, where `total` steps are planned. During the warm-up of W steps it is
    /// peak · (step + 1) / (W + 1), as in nanoGPT; afterwards it falls over the steps that are left.
    public func rate(step: Int, total: Int) -> Double {
        if step < warmupSteps { return peak * Double(step + 1) / Double(warmupSteps + 1) }
        return rate(progress: Double(step - warmupSteps) / Double(max(total - warmupSteps, 1)))
    }

    /// The rate after the warm-up, at `progress` 0 … 1 of the fall.
    public func rate(progress: Double) -> Double {
        let progress = min(max(progress, 0), 1)
        switch shape {
        case .cosine: return minimum + 0.5 * (1 + cos(Double.pi * progress)) * (peak - minimum)
        case .linear: return peak + (minimum - peak) * progress
        case .constant: return peak
        }
    }
}
