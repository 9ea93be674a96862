import Foundation

/// What the models of a comparison have in common besides their text: the quantity to which each is sized, and how much of it.
public struct MatchTarget: Codable, Sendable, Equatable {
    /// What can be made equal.
    public enum Quantity: String, Codable, Sendable, CaseIterable {
        /// Number of parameters, counted by the host.
        case parameters
        /// Operations of a whole training run: 6 for each parameter and token, and those of attention.
        case operations
        /// Bytes of a saved session after the training context.
        case state
        /// Seconds of a training step on this machine.
        case time
    }

    /// What is made equal.
    public var by: Quantity
    /// Parameters, operations, bytes or seconds; over 0.
    public var value: Double

    /// Nothing is checked here.
    public init(by: Quantity, value: Double) {
        self.by = by
        self.value = value
    }

    /// An amount of the quantity as people read it: `1M parameters`, `1.23e13 operations`, `64 KiB of state`, `25.0 ms a step`.
    public func text(_ amount: Double) -> String {
        switch by {
        case .parameters: return SizeText.short(Int(amount.rounded())) + " parameters"
        case .operations: return String(format: "%.3g operations", amount)
        case .state: return SizeText.bytes(Int(amount.rounded())) + " of state"
        case .time:
            return amount < 1 ? String(format: "%.3g ms a step", amount * 1000) : String(format: "%.3g s a step", amount)
        }
    }

    /// The target as people read it.
    public var text: String { text(value) }
}
