import Layers
import PluginKit
import SequenceModel
import Tensor

extension Blt {
    static let probes: [Probe<Blt>] = [
        Probe(
            "patch_length", "Mean bytes of the patches that have ended.", axes: [], unit: "bytes",
            test: .init({ .small }, expected: [1.2307692])
        ) { model, batch in
            let found = try model.patches(Tokens(batch))
            return Tensor([found.patches.meanLength], shape: [])
        },
        Probe(
            "border_by_position", "Share of the rows in which a patch ends with the byte at each position of the window; of one row: its borders.",
            axes: [.counted("position") { _ in probedPositions }], unit: "",
            test: .init({ .small }, expected: padded([1, 1, 1, 0.5, 0.5, 1, 0.5, 1]))
        ) { model, batch in
            var shares = [Double](repeating: 0, count: probedPositions)
            for ends in try model.patches(Tokens(batch)).patches.ends {
                for end in ends where end < probedPositions { shares[end] += 1 / Double(batch.rows) }
            }
            return Tensor(shares, shape: [probedPositions])
        },
        Probe(
            "entropy_by_position", "The patcher's entropy after the byte at each position of the window, mean over rows; 0 without a patcher.",
            axes: [.counted("position") { _ in probedPositions }], unit: "nats",
            test: .init({ .small }, expected: padded([2.7691611, 2.7702585, 2.7681453, 2.7670274, 2.7659586, 2.7693877, 2.7649316, 2.7679620]))
        ) { model, batch in
            var means = [Double](repeating: 0, count: probedPositions)
            let entropies = try model.patches(Tokens(batch)).entropies ?? []
            for (index, entropy) in entropies.enumerated() where index % batch.length < probedPositions {
                means[index % batch.length] += entropy / Double(batch.rows)
            }
            return Tensor(means, shape: [probedPositions])
        },
        Probe(
            "border_after_symbol", "Share of the occurrences of each symbol with which a patch ends.",
            axes: [.counted("symbol") { $0.c.symbolCount }], unit: "",
            test: .init({ .small }, expected: [0, 1, 1, 1, 1, 0, 1, 0, 1, 1, 1, 1, 1, 1, 1, 1])
        ) { model, batch in
            var (ended, all) = ([Double](repeating: 0, count: model.c.symbolCount), [Double](repeating: 0, count: model.c.symbolCount))
            for symbol in batch.tokens { all[Int(symbol)] += 1 }
            for (row, ends) in try model.patches(Tokens(batch)).patches.ends.enumerated() {
                for end in ends { ended[Int(batch.tokens[row * batch.length + end])] += 1 }
            }
            return Tensor(zip(ended, all).map { $0 / max(1, $1) }, shape: [model.c.symbolCount])
        },
    ]

    private func patches(_ tokens: Tokens) throws -> (patches: PatchedBatch, entropies: [Double]?) {
        let ids = ids(of: tokens)
        let entropies = try patcher?.entropies(ids)
        return (patches(ids, entropies: entropies), entropies)
    }
}

/// Positions of a window that probes speak of.
private let probedPositions = 256

/// The values of the first positions, and zeros.
private func padded(_ values: [Double]) -> [Double] { values + [Double](repeating: 0, count: probedPositions - values.count) }

extension BltConfiguration {
    /// For self-tests: sixteen symbols, one layer each, a threshold among the patcher's entropies.
    static var small: Self {
        var c = Self()
        c.vocabularySize = 16
        c.hashGroupSizes = [2, 3]
        c.hashVocabulary = 7
        c.encoder = BltStack(8, layers: 1, heads: 2, theta: 500_000)
        c.decoder = .decoder(8, layers: 1, heads: 2)
        c.patcher = .patcher(8, layers: 1, heads: 2)
        c.global = BltStack(16, layers: 1, heads: 2, theta: 500_000)
        c.patchingThreshold = 2.7675
        return c
    }
}
