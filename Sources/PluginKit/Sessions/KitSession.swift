internal import Layers
internal import SequenceModel
internal import Tensor

/// A session as the host sees it: checks what comes in, runs the core under the model's execution, wraps what is saved.
final class KitSession: SequenceSession {
    private let core: any SessionCore
    private let context: SessionContext
    /// The binding it was opened under.
    private let epoch: Int

    init(_ core: any SessionCore, context: SessionContext) {
        self.core = core
        self.context = context
        epoch = context.epoch
    }

    var rows: Int { core.rows }
    var position: Int { core.position }
    var stateBytes: Int { core.stateBytes }

    private func checkBinding() throws {
        guard context.isBound, epoch == context.epoch else {
            throw SequenceModelError(.failedPrecondition, "the model was bound anew after this session was opened")
        }
    }

    func append(_ tokens: [Int32], logits which: LogitsChoice, into logits: UnsafeMutableBufferPointer<Float>) throws {
        try checkBinding()
        let (length, rest) = tokens.count.quotientAndRemainder(dividingBy: rows)
        guard length > 0, rest == 0 else {
            throw SequenceModelError(.invalidArgument, "\(tokens.count) tokens for \(rows) rows; at least one each, as many in each")
        }
        let shape = context.shape
        let limit = shape.vocabulary
        for (index, token) in tokens.enumerated() where token < 0 || token >= limit {
            throw SequenceModelError(
                .invalidArgument,
                "token \(token) at row \(index / length), position \(index % length); allowed: 0 to \(limit - 1)")
        }
        let most = min(shape.maximumTokens ?? .max, Int(Int32.max))
        guard length <= most - position else {
            throw SequenceModelError(.resourceExhausted, "\(position) + \(length) tokens; this model takes at most \(most)")
        }
        let places: Int
        switch which {
        case .none: places = 0
        case .last: places = rows * shape.vocabulary
        case .all: places = tokens.count * shape.vocabulary
        }
        guard logits.count >= places else {
            throw SequenceModelError(.invalidArgument, "logits has \(logits.count) places; \(places) are needed")
        }
        if length == 1, context.execution.isCancelled { throw SequenceModelError(.cancelled, "cancelled by the host") }
        try context.run(isShort: length == 1) {
            let found = try core.append(Tokens(rows: rows, length: length, ids: tokens), logits: which)
            found?.copyFloats(to: logits)
        }
    }

    func fork() throws -> any SequenceSession {
        try checkBinding()
        return try context.run { KitSession(try core.copy(), context: context) }
    }

    func rewind(to position: Int) throws {
        try checkBinding()
        guard position >= 0, position <= core.position else {
            throw SequenceModelError(.invalidArgument, "position \(position); allowed: 0 to \(core.position)")
        }
        try context.run { try core.rewind(to: position) }
    }

    func save() throws -> [UInt8] {
        try checkBinding()
        let payload = try context.run { try core.save() }
        return SavedState(rows: rows, position: position, payload: payload).bytes(identity: context.identity())
    }
}

extension Tensor {
    /// The values as float32, rounded where they are float64.
    func copyFloats(to places: UnsafeMutableBufferPointer<Float>) {
        switch scalarType {
        case .float32: withFloats { _ = places.update(fromContentsOf: $0) }
        case .float64: withDoubles { for (index, value) in $0.enumerated() { places[index] = Float(value) } }
        }
    }
}
