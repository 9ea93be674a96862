import Layers
import PluginKit
import SequenceModel
import Tensor

/// Serving: the context's keys and values are kept, which is exact since the context does not see the candidates; each new symbol is N
/// passes of one position, with the derivative in its input.
final class EnergySession<Setting: EnergySetting>: SessionCore {
    private let model: EnergyTransformer<Setting>
    let rows: Int
    private let scalarType: ScalarType
    private var state: EnergyState
    private(set) var position = 0

    init(_ model: EnergyTransformer<Setting>, rows: Int, scalarType: ScalarType) throws {
        self.model = model
        self.rows = rows
        self.scalarType = scalarType
        state = try EnergySession.beginning(model, rows, scalarType)
    }

    private init(copying other: EnergySession) throws {
        (model, rows, scalarType, state, position) = (other.model, other.rows, other.scalarType, other.state, other.position)
        try state.visit(.copier())
    }

    /// A state that has read the steps' embeddings and no symbol.
    private static func beginning(_ model: EnergyTransformer<Setting>, _ rows: Int, _ type: ScalarType) throws -> EnergyState {
        let steps = embedded(model)
        let count = rows.multipliedReportingOverflow(by: steps)
        guard !count.overflow else { throw SequenceModelError(.resourceExhausted, "no memory for a session of \(rows) rows") }
        var state = EnergyState(
            caches: try model.network.layers.map { layer in
                try KeyValueCache(
                    rows: count.partialValue, heads: layer.headCount, keyWidth: layer.headWidth, valueWidth: layer.headWidth,
                    scalarType: type)
            })
        _ = try read(model, model.network.beginnings(of: 0 ..< steps, rows: rows), &state)
        return state
    }

    /// Embeddings of steps that are in use; at least one, so that sessions have a state whatever the number of steps.
    private static func embedded(_ model: EnergyTransformer<Setting>) -> Int {
        model.network.embedded(max(model.configuration.servedSteps, 1) - 1) + 1
    }

    /// Moves the context on by x [steps · B, T, D]; returns what candidates attend to.
    private static func read(
        _ model: EnergyTransformer<Setting>, _ input: Tensor, _ state: inout EnergyState
    ) throws -> [ContextMemory] {
        var x = input
        var memories: [ContextMemory] = []
        let layers = model.network.layers
        for (index, layer) in layers.enumerated() {
            try checkCancellation()
            let position = state.caches[index].length
            let (norm, keys, values) = layer.context(x, from: position)
            let seen = try state.caches[index].append(keys: keys, values: values)
            memories.append(ContextMemory(keys: seen.keys, values: seen.values, isByHead: true))
            guard index < layers.count - 1 else { break }
            x = layer.advance(x, norm, from: position) { q in
                attention(q, keysByHead: seen.keys, valuesByHead: seen.values, visibility: seen.visibility, scale: layer.scale)
            }
        }
        return memories
    }

    var stateBytes: Int {
        let counter = StateVisitor.counter()
        var copy = state
        try? copy.visit(counter)
        return counter.byteCount
    }

    func append(_ tokens: Tokens, logits: LogitsChoice) throws -> Tensor? {
        // What is written behind the present state's end does not touch it; more than a cache allows goes to a copy.
        var next = state
        try next.visit(tokens.length <= longestStep ? .protector() : .copier())
        let steps = EnergySession.embedded(model)
        var parts: [Tensor] = []
        var begin = 0
        while begin < tokens.length {
            try checkCancellation()
            let end = min(begin + longestStep, tokens.length)
            let text = model.network.embedding(tokens.columns(begin ..< end))  // [B, T, D]
            let texts = steps == 1 ? text : concatenate((0 ..< steps).map { _ in text }, axis: 0)
            let context = try EnergySession.read(model, texts, &next)
            let first = logits == .all ? begin : end - 1
            if logits == .all || (logits == .last && end == tokens.length) {
                let places = position + first ..< position + end
                parts.append(try model.descend(model.start(rows: rows, places: places), at: places.lowerBound, context))
            }
            begin = end
        }
        state = next
        position += tokens.length
        guard let only = parts.first else { return nil }
        if logits == .last { return only.reshaped([rows, only.extent(-1)]) }
        return concatenate(parts, axis: 1)  // [B, T, V]
    }

    func copy() throws -> any SessionCore { try EnergySession(copying: self) }

    func rewind(to position: Int) throws {
        guard state.rewind(to: position, from: self.position) else {
            throw SequenceModelError(.unimplemented, "\(Setting.card.id) cannot go back from \(self.position) to \(position)")
        }
        self.position = position
    }

    func save() throws -> [UInt8] {
        let writer = StateVisitor.writer()
        try state.visit(writer)
        return writer.bytes
    }

    func restore(_ bytes: [UInt8], position: Int) throws {
        let reader = StateVisitor.reader(bytes)
        var restored = state
        try restored.visit(reader)
        try reader.finishReading()
        guard restored.caches.allSatisfy({ $0.length == position + 1 }) else {
            throw SequenceModelError(.dataLoss, "the saved state does not hold \(position) symbols")
        }
        state = restored
        self.position = position
    }
}
