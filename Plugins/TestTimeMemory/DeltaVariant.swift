import Layers
import PluginKit
import SequenceModel

/// Which of the two published rules a `DeltaNet` follows, and what it then is called.
protocol DeltaVariant {
    static var card: ModelCard { get }
    static var capabilities: Capabilities { get }
    /// Whether S decays and the output passes a gate.
    static var isGated: Bool { get }
    /// H · K over D.
    static var keyRatio: Double { get }
    /// V over K.
    static var valueRatio: Int { get }
    /// Whether a layer may be one of full attention.
    static var allowsFullAttention: Bool { get }
}

/// Gated DeltaNet.
enum GatedVariant: DeltaVariant {
    static var card: ModelCard {
        ModelCard(
            id: "gated-deltanet", name: "Gated DeltaNet", family: "test-time-memory",
            summary: "A matrix memory that forgets and corrects itself at each key, alone or between layers of full attention (OLMo-Hybrid).",
            paper: "Gated Delta Networks: Improving Mamba2 with Delta Rule (arXiv:2412.06464)", modelTypes: ["olmo_hybrid"])
    }
    static var capabilities: Capabilities { [.causal, .session, .predicts] }
    static var isGated: Bool { true }
    static var keyRatio: Double { 0.75 }
    static var valueRatio: Int { 2 }
    static var allowsFullAttention: Bool { true }
}

/// DeltaNet: nothing decays, no output gate.
enum PlainVariant: DeltaVariant {
    static var card: ModelCard {
        ModelCard(
            id: "deltanet", name: "DeltaNet", family: "test-time-memory",
            summary: "A matrix memory that corrects itself at each key and forgets nothing else: Gated DeltaNet without its gates.",
            paper: "Parallelizing Linear Transformers with the Delta Rule over Sequence Length (arXiv:2406.06484)")
    }
    static var capabilities: Capabilities { [.causal, .session, .predicts, .fixedState] }
    static var isGated: Bool { false }
    static var keyRatio: Double { 1 }
    static var valueRatio: Int { 1 }
    static var allowsFullAttention: Bool { false }
}
