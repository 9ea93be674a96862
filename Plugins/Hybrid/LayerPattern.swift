import PluginKit
import SequenceModel

/// What stands one after the other in a hybrid: `"mamba*3 attention"`, `"mamba mlp window mlp"`.
///
/// Names of mixers, and `mlp`, apart by spaces; `*3` or `×3` behind a name repeats it. A pattern without `mlp` has one after each
/// mixer. The pattern is repeated until the model has its layers, which are counted in mixers.
struct LayerPattern {
    enum Item: Equatable {
        case mixer(String)
        case feedForward
    }

    /// Once through, `mlp`s filled in.
    let items: [Item]

    /// Most items of a pattern.
    static let longest = 4096

    /// Throws `.invalidArgument` for what is no pattern, with the nearest known name.
    init(_ text: String) throws {
        var items: [Item] = []
        for word in text.split(whereSeparator: { $0 == " " || $0 == "," || $0 == "\n" || $0 == "\t" }) {
            let parts = word.split(omittingEmptySubsequences: false) { $0 == "*" || $0 == "×" }
            let count = parts.count == 1 ? 1 : parts.count == 2 ? Int(parts[1]) ?? 0 : 0
            guard 1 ... LayerPattern.longest ~= count, items.count + count <= LayerPattern.longest else {
                throw HybridConfiguration<FreePattern>.refuse(
                    "pattern", "\"\(text)\"", allowed: "names with, if any, *N behind them, N from 1 to \(LayerPattern.longest): \(word) is none")
            }
            items += [Item](repeating: try LayerPattern.item(String(parts[0])), count: count)
        }
        guard items.contains(where: { $0 != .feedForward }) else {
            throw HybridConfiguration<FreePattern>.refuse("pattern", "\"\(text)\"", allowed: "at least one of \(LayerPattern.names.joined(separator: ", "))")
        }
        self.items = items.contains(.feedForward) ? items : items.flatMap { [$0, .feedForward] }
    }

    /// What a pattern may name.
    static var names: [String] { MixerKind.all.map(\.name) + ["mlp"] }

    private static func item(_ name: String) throws -> Item {
        if name == "mlp" { return .feedForward }
        guard MixerKind.named(name) == nil else { return .mixer(name) }
        let nearest = nearestName(to: name, among: names)
        throw SequenceModelError(
            .invalidArgument,
            "pattern names \"\(name)\", which is no mixer; "
                + (nearest.map { "did you mean \"\($0)\"? " } ?? "") + "known: \(names.joined(separator: ", "))")
    }

    /// The layers of a model of `count` mixers: each a mixer with the feed-forwards behind it. Feed-forwards before the first mixer of the
    /// pattern come behind the last one of the round before.
    func layers(_ count: Int) -> [(mixer: String, feedForwards: Int)] {
        var layers: [(mixer: String, feedForwards: Int)] = []
        while true {
            for item in items {
                switch item {
                case .mixer(let name):
                    if layers.count == count { return layers }
                    layers.append((name, 0))
                case .feedForward:
                    if !layers.isEmpty { layers[layers.count - 1].feedForwards += 1 }
                }
            }
        }
    }
}
