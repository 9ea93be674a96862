import Layers
import PluginKit
import SequenceModel
import Tensor

/// How attention and memory are put together.
protocol TitansVariant: SendableMetatype {
    associatedtype M: Mixer
    static var card: ModelCard { get }
    static func mixer(_ p: Parameters, _ shape: TitansShape) -> M
    /// The probe's values in its self-test.
    static var expectedSurprise: [Double] { get }
    /// The surprise of each token and head [B, T, H], given what the mixer reads; nil: no memory.
    static func surprise(_ mixer: M, _ x: Tensor) -> Tensor?
}

private let paper = "Titans: Learning to Memorize at Test Time (arXiv:2501.00663)"

/// Memory as a gate.
enum MAGVariant: TitansVariant {
    static var card: ModelCard {
        ModelCard(
            id: "titans-mag", name: "Titans (MAG)", family: "test-time-memory",
            summary: "Sliding-window attention, gated by a neural memory that learns the text while it is read.", paper: paper)
    }
    static func mixer(_ p: Parameters, _ shape: TitansShape) -> GatedMemory { GatedMemory(p, shape) }
    static var expectedSurprise: [Double] { [0.7642112, 0.7367329] }
    static func surprise(_ mixer: GatedMemory, _ x: Tensor) -> Tensor? { mixer.memory?.core.surprise(x) }
}

/// Memory as a context.
enum MACVariant: TitansVariant {
    static var card: ModelCard {
        ModelCard(
            id: "titans-mac", name: "Titans (MAC)", family: "test-time-memory",
            summary: "Attention over segments, each beside what a neural memory of the earlier ones recalls for it.", paper: paper)
    }
    static func mixer(_ p: Parameters, _ shape: TitansShape) -> ContextMemory { ContextMemory(p, shape) }
    static var expectedSurprise: [Double] { [0.5798860, 0.6874099] }
    static func surprise(_ mixer: ContextMemory, _ x: Tensor) -> Tensor? { mixer.surprise(x) }
}

/// Memory as a layer.
enum MALVariant: TitansVariant {
    static var card: ModelCard {
        ModelCard(
            id: "titans-mal", name: "Titans (MAL)", family: "test-time-memory",
            summary: "A neural memory that learns the text while it is read, and sliding-window attention over what it gives.",
            paper: paper)
    }
    static func mixer(_ p: Parameters, _ shape: TitansShape) -> LayeredMemory { LayeredMemory(p, shape) }
    static var expectedSurprise: [Double] { [0.7695803, 0.7942697] }
    static func surprise(_ mixer: LayeredMemory, _ x: Tensor) -> Tensor? { mixer.memory?.memory.surprise(x) }
}

/// Memory alone.
enum LMMVariant: TitansVariant {
    static var card: ModelCard {
        ModelCard(
            id: "titans-lmm", name: "Titans (LMM)", family: "test-time-memory",
            summary: "The neural memory of Titans alone, without attention.", paper: paper)
    }
    static func mixer(_ p: Parameters, _ shape: TitansShape) -> LoneMemory { LoneMemory(p, shape) }
    static var expectedSurprise: [Double] { [0.7695803, 0.7497564] }
    static func surprise(_ mixer: LoneMemory, _ x: Tensor) -> Tensor? { mixer.memory?.memory.surprise(x) }
}
