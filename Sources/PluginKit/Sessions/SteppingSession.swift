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
    /// Set while a single step is under way.
    private var isDamaged = false

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
        guard !isDamaged else {
            throw SequenceModelError(.failedPrecondition, "a step of this session failed half way; open another one")
        }
        if tokens.length == 1 {
            // A single step is too short to be cancelled and too cheap to be prepared for failing: memory that runs out in it
            // ends the session.
            isDamaged = true
            let x = try model.trunk(tokens, position: position, &state)  // [B, 1, D]
            let result = head(x, logits)
            isDamaged = false
            position += 1
            return result
        }
        // What is written in place may lose what the present state needs.
        var next = state
        try next.visit(tokens.length <= longestStep ? .protector() : .copier())
        let result = try read(tokens, logits: logits, &next)
        state = next
        position += tokens.length
        return result
    }

    private func read(_ tokens: Tokens, logits: LogitsChoice, _ next: inout Model.State) throws -> Tensor? {
        var parts: [Tensor] = []
        var begin = 0
        while begin < tokens.length {
            try checkCancellation()
            let end = min(begin + longestStep, tokens.length)
            let x = try model.trunk(tokens.columns(begin ..< end), position: position + begin, &next)  // [B, T, D]
            if let part = head(x, logits == .last && end < tokens.length ? .none : logits) { parts.append(part) }
            begin = end
        }
        guard parts.count > 1 else { return parts.first }
        return concatenate(parts, axis: 1)  // [B, T, V]
    }

    private func head(_ x: Tensor, _ logits: LogitsChoice) -> Tensor? {
        switch logits {
        case .none: return nil
        case .all: return model.logits(ofTrunk: x)
        case .last:
            let length = x.extent(1)
            return model.logits(ofTrunk: x.sliced(axis: 1, length - 1 ..< length).reshaped([rows, x.extent(-1)]))  // [B, V]
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
