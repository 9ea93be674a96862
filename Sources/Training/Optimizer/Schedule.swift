import Glibc

/// The learning rate of each step: a linear rise over the warm-up, then a fall from `peak` to `minimum`.
public struct Schedule: Sendable, Equatable {
    /// The course of the fall after the warm-up. Raw values stand in options and on the command line.
    public enum Shape: String, Sendable, Codable, CaseIterable {
        /// Half a cosine (Loshchilov and Hutter 2017, arXiv:1608.03983, without restarts).
        case cosine
        case linear
        /// No fall.
        case constant
    }

    /// How the rate falls; the warm-up is the same for all.
    public var shape: Shape
    /// Learning rate at the end of the warm-up, before each parameter's own factor.
    public var peak: Double
    /// Learning rate at the end of the fall; unused by `constant`.
    public var minimum: Double
    /// W, steps of the linear rise; 0: none.
    public var warmupSteps: Int

    /// Takes the values as they are: 0 ≤ `minimum` ≤ `peak` and `warmupSteps` ≥ 0 is up to the caller.
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

    /// The rate of step `step`, counted from 0, where time is the budget and `seconds` of it are spent. The warm-up ends after its steps or
    /// a tenth of the time, whichever comes first, so that a slow model has the same course; the fall takes the time that is left.
    public func rate(step: Int, seconds: Double, budget: Double) -> Double {
        let longest = 0.1 * max(budget, 1e-9)
        let rise = max(Double(step + 1) / Double(warmupSteps + 1), min(seconds / longest, 1))
        if step < warmupSteps, rise < 1 { return peak * rise }
        // When the warm-up ended, as far as steps took equal times.
        let end = min(seconds * Double(warmupSteps) / Double(max(step, 1)), longest)
        return rate(progress: (seconds - end) / max(budget - end, 1e-9))
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
