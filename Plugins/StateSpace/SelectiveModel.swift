import Layers
import PluginKit
import SequenceModel
import Tensor

/// What sets Mamba and Mamba-2 apart: the mixer, its sizes and what can be looked at in it. Everything around it is `SelectiveModel`.
protocol SelectiveVariant {
    associatedtype Configuration: SelectiveConfiguration where Configuration.Inner == Inner
    associatedtype Inner: Mixer
    static var card: ModelCard { get }
    static var probes: [Probe<SelectiveModel<Self>>] { get }
    /// What the probes summarise, of what the mixer reads from zero state: [B, T, …].
    static func figures(_ mixer: Inner, _ x: Tensor) -> Tensor
}

/// The keys that both configurations share.
protocol SelectiveConfiguration: ModelConfiguration {
    associatedtype Inner: Mixer
    var vocabularySize: Int { get }
    var hiddenSize: Int { get }
    var layerCount: Int { get }
    var normEpsilon: Double { get }
    var tieWordEmbeddings: Bool { get }
    /// Declares a mixer under `p`.
    func mixer(_ p: Parameters) -> Inner
}

/// The language model around the mixers, names as in Hugging Face's files: x + Mixer(RMSNorm(x)) in every layer, a last norm, a head.
final class SelectiveModel<Variant: SelectiveVariant>: SteppingModel {
    typealias Configuration = Variant.Configuration
    static var capabilities: Capabilities { [.causal, .session, .predicts, .fixedState] }
    static var card: ModelCard { Variant.card }
    static var probes: [Probe<SelectiveModel>] { Variant.probes }

    let embedding: Embedding
    let blocks: [MambaBlock<Variant.Inner>]
    let norm: RMSNorm
    let head: Linear

    init(_ c: Configuration, _ p: Parameters) throws {
        let backbone = p.scope("backbone")
        embedding = backbone.embedding("embeddings", c.vocabularySize, c.hiddenSize)
        blocks = backbone.layers("layers", c.layerCount) { p, _ in
            MambaBlock(norm: p.rmsNorm("norm", c.hiddenSize, epsilon: c.normEpsilon), mixer: c.mixer(p.scope("mixer")))
        }
        norm = backbone.rmsNorm("norm_f", c.hiddenSize, epsilon: c.normEpsilon)
        head =
            c.tieWordEmbeddings
            ? p.tiedLinear("lm_head", to: embedding) : p.linear("lm_head", c.hiddenSize, c.vocabularySize)
    }

    func trunk(_ tokens: Tokens) throws -> Tensor {
        var x = embedding(tokens)  // [B, T, D]
        for block in blocks {
            try checkCancellation()
            x = try block(x)
        }
        return norm(x)
    }

    /// What `summary` makes of the figures of each layer, all in one row: [L].
    func figures(_ tokens: Tokens, _ summary: (Tensor) -> Tensor) throws -> Tensor {
        var x = embedding(tokens)  // [B, T, D]
        var values: [Tensor] = []
        for block in blocks {
            try checkCancellation()
            let figures = Variant.figures(block.mixer, block.norm(x))
            values.append(summary(figures.reshaped([figures.count])).reshaped([1]))
            x = try block(x)
        }
        return concatenate(values, axis: 0)
    }

    func initialState(rows: Int, scalarType: ScalarType) throws -> LayerStates<Variant.Inner.State> {
        LayerStates(try blocks.map { try $0.mixer.initialState(rows: rows, scalarType: scalarType) })
    }

    func trunk(_ tokens: Tokens, position: Int, _ state: inout LayerStates<Variant.Inner.State>) throws -> Tensor {
        var x = embedding(tokens)  // [B, T, D]
        for (index, block) in blocks.enumerated() {
            try checkCancellation()
            x = try block(x, position: position, &state.layers[index])
        }
        return norm(x)
    }
}
