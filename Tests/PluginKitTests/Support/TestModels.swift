import Layers
import PluginKit
import SequenceModel
import Tensor

/// Remembers a decaying sum of embeddings: x[t] = x[t − 1] / 2 + e[t].
final class DecayModel: SteppingModel {
    static let card = ModelCard(id: "decay", name: "Decay", family: "test", summary: "s", paper: "p", modelTypes: ["old-decay"])
    static let capabilities: Capabilities = [.causal, .session, .predicts, .fixedState]

    struct State: ModelState {
        var sum: Tensor
        mutating func visit(_ visitor: StateVisitor) throws { try visitor.visit(&sum) }
    }

    let embedding: Embedding
    let shift: Parameter
    let head: Linear
    /// Throws in the middle of a long enough text, after having changed its state.
    nonisolated(unsafe) static var failsAtLength: Int?

    init(_ c: TestConfiguration, _ p: Parameters) throws {
        embedding = p.embedding("embed", c.vocabSize, c.hiddenSize)
        shift = p.parameter("shift", shape: [c.hiddenSize]) { stream in (0 ..< c.hiddenSize).map { _ in stream.uniform() } }
        head = p.linear("head", c.hiddenSize, c.vocabSize)
    }

    func initialState(rows: Int, scalarType: ScalarType) -> State {
        State(sum: .zeros([rows, head.inputs], scalarType))
    }

    func trunk(_ tokens: Tokens) throws -> Tensor {
        var state = initialState(rows: tokens.rows, scalarType: head.weight.tensor.scalarType)
        return try trunk(tokens, position: 0, &state)
    }

    func trunk(_ tokens: Tokens, position: Int, _ state: inout State) throws -> Tensor {
        let x = embedding(tokens) + shift.tensor  // [B, T, D]
        var outputs: [Tensor] = []
        for time in 0 ..< tokens.length {
            state.sum = state.sum * 0.5 + x.sliced(axis: 1, time ..< time + 1).reshaped([tokens.rows, head.inputs])  // [B, D]
            outputs.append(state.sum.reshaped([tokens.rows, 1, head.inputs]))
            if tokens.length == DecayModel.failsAtLength, time == tokens.length / 2 { throw Failure() }
            if tokens.length > 1 { try checkCancellation() }
        }
        return concatenate(outputs, axis: 1)  // [B, T, D]
    }

    struct Failure: Error {}
}

/// Has `logits(tokens)` and nothing else; its last symbol never occurs in data.
final class BigramModel: NextSymbolModel {
    static let card = ModelCard(id: "bigram", name: "Bigram", family: "test", summary: "s", paper: "p")
    static let probes: [Probe<BigramModel>] = [
        Probe(
            "mean_row", "Mean of the rows that are read.", axes: [.counted("symbol") { $0.shape.vocabulary }], unit: "logits",
            test: .init({ TestConfiguration(vocabSize: 3) }, expected: [1, 2, 3])
        ) { model, batch in
            model.table(Tokens(batch)).reshaped([batch.tokens.count, model.shape.vocabulary]).mean(axis: 0)
        },
        Probe(
            "misshapen", "Not what its axes say.", axes: [.named("side", ["left", "right"])], unit: "", combination: .maximum,
            test: .init({ TestConfiguration() }, expected: [0, 0])
        ) { _, _ in .zeros([3]) },
    ]
    let table: Embedding
    let shape: ModelShape

    init(_ c: TestConfiguration, _ p: Parameters) throws {
        table = p.embedding("table", c.vocabSize, c.vocabSize, initialiser: .normal(1))
        shape = ModelShape(vocabulary: c.vocabSize, alphabet: c.vocabSize - 1, maximumTokens: 50)
    }

    func logits(_ tokens: Tokens) throws -> Tensor { table(tokens) }
}

/// Fills in symbols where they stand and generates in steps.
final class FillingModel: TensorModel {
    static let card = ModelCard(id: "filling", name: "Filling", family: "test", summary: "s", paper: "p")
    static let likelihood = Likelihood.upperBound
    static let capabilities: Capabilities = [.generates, .targetsInPlace, .stochasticLoss]
    static let rowsAreIndependent = false
    let table: Embedding
    let shape: ModelShape

    init(_ c: TestConfiguration, _ p: Parameters) throws {
        table = p.embedding("table", c.vocabSize, c.vocabSize)
        shape = ModelShape(vocabulary: c.vocabSize, alphabet: c.vocabSize - 1, maskSymbol: c.vocabSize - 1)
    }

    func loss(_ batch: Batch) throws -> Tensor {
        let weights = Tensor((batch.weights ?? []).map(Double.init), shape: [batch.rows * batch.length], type: .float32)
        let flat = table(Tokens(batch)).reshaped([batch.rows * batch.length, shape.vocabulary])
        return (crossEntropy(flat, targets: batch.targets) * weights).sum()
    }
    func score(_ batch: Batch, samples: Int) throws -> Score {
        Score(nats: batch.targets.map { $0 < 0 ? 0 : 1 }, samples: max(samples, 3), estimator: "one each")
    }
    func logits(_ batch: Batch) throws -> Tensor { table(Tokens(batch)) }
    func generate(_ request: GenerationRequest, sink: (GenerationEvent) -> Bool) throws {
        let mask = Int32(shape.maskSymbol ?? 0)
        let events: [GenerationEvent] = [
            .append([Int32](repeating: mask, count: request.newTokens)), .step(index: 0, count: 2),
            .replace(begin: request.prompt.count, symbols: [1]), .done,
        ]
        for event in events where !sink(event) { throw SequenceModelError(.cancelled, "stopped") }
    }
}
