internal import Layers
internal import SequenceModel
internal import Tensor

/// A session that keeps what the model remembers.
final class SteppingSession<Model: SteppingModel>: SessionCore {
    private let model: Model
    private let scalarType: ScalarType
    private var state: Model.State
    let rows: Int
    private(set) var position = 0

    init(_ model: Model, rows: Int, scalarType: ScalarType, state: Model.State) {
        self.model = model
        self.rows = rows
        self.scalarType = scalarType
        self.state = state
    }

    var stateBytes: Int {
        let counter = StateVisitor.counter()
        try? state.visit(counter)
        return counter.byteCount
    }

    func append(_ tokens: Tokens, logits: LogitsChoice) throws -> Tensor? {
        if tokens.length <= longestStep {
            var next = state
            let x = try model.trunk(tokens, position: position, &next)  // [B, T, D]
            state = next
            position += tokens.length
            return head(x, logits)
        }
        return try appendInSteps(tokens, logits: logits)
    }

    private func appendInSteps(_ tokens: Tokens, logits: LogitsChoice) throws -> Tensor? {
        // Parts written in place may lose what the present state needs after more than one step: keep an independent copy.
        var next = state
        try next.visit(StateVisitor.copier())
        var parts: [Tensor] = []
        var begin = 0
        while begin < tokens.length {
            try checkCancellation()
            let end = min(begin + longestStep, tokens.length)
            let x = try model.trunk(tokens.columns(begin ..< end), position: position + begin, &next)
            let wanted: LogitsChoice = logits == .last && end < tokens.length ? .none : logits
            if let part = head(x, wanted) { parts.append(part) }
            begin = end
        }
        state = next
        position += tokens.length
        return parts.isEmpty ? nil : concatenate(parts, axis: logits == .all ? 1 : 0)  // [B, T, V] or [B, V]
    }

    private func head(_ x: Tensor, _ logits: LogitsChoice) -> Tensor? {
        switch logits {
        case .none: return nil
        case .all: return model.head(x)
        case .last:
            let length = x.extent(1)
            return model.head(x.sliced(axis: 1, length - 1 ..< length).reshaped([rows, x.extent(-1)]))  // [B, V]
        }
    }

    func copy() throws -> any SessionCore {
        var copied = state
        try copied.visit(StateVisitor.copier())
        let session = SteppingSession(model, rows: rows, scalarType: scalarType, state: copied)
        session.position = position
        return session
    }

    func rewind(to position: Int) throws {
        if position == self.position { return }
        if position == 0 {
            state = try model.initialState(rows: rows, scalarType: scalarType)
        } else if !state.rewind(to: position, from: self.position) {
            throw SequenceModelError(.unimplemented, "\(Model.card.id) cannot go back from \(self.position) to \(position)")
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
        state = restored
        self.position = position
    }
}
