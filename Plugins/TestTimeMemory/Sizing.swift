import PluginKit
import SequenceModel

extension ModelConfiguration {
    /// How deep the models of this family are for a budget.
    static func layerCount(for budget: Budget) -> Int {
        budget.parameters < 500_000 ? 3 : budget.parameters < 5_000_000 ? 4 : budget.parameters < 30_000_000 ? 6 : 12
    }

    /// Heads of 64 where at least four fit, otherwise narrower ones.
    static func headCount(for width: Int) -> Int {
        width / ([64, 32, 16, 8].first { width % $0 == 0 && width / $0 >= 4 } ?? 8)
    }
}
