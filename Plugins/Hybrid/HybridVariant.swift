import PluginKit

/// A model id of the family: which preset its configurations begin with.
protocol HybridVariant: Sendable {
    static var card: ModelCard { get }
    static var preset: HybridPreset? { get }
}

/// A pattern of one's own.
enum FreePattern: HybridVariant {
    static let card = ModelCard(
        id: "hybrid", name: "Hybrid", family: "hybrid",
        summary: "Any mixers of the kit one after the other, by a pattern in the configuration: attention, scans, delta rules, memories.",
        paper: "A hybrid of what the pattern names; as it stands: Transformers are SSMs (arXiv:2405.21060), section 9.2.3")
    static let preset: HybridPreset? = nil
}

enum SambaPattern: HybridVariant {
    static let card = ModelCard(
        id: "samba", name: "Samba", family: "hybrid",
        summary: "Selective scans and sliding-window attention in turn, each with a feed-forward: a state of fixed size.",
        paper: "Samba: Simple Hybrid State Space Models for Efficient Unlimited Context Language Modeling (arXiv:2406.07522)")
    static let preset: HybridPreset? = .samba
}

enum JambaPattern: HybridVariant {
    static let card = ModelCard(
        id: "jamba", name: "Jamba pattern", family: "hybrid",
        summary: "Seven selective scans for each attention, which has no positions; dense feed-forwards in place of experts.",
        paper: "Jamba: A Hybrid Transformer-Mamba Language Model (arXiv:2403.19887)")
    static let preset: HybridPreset? = .jamba
}
