public import SequenceModel

/// How many bytes a model keeps after reading so much: measured on a saved session, never declared.
public enum StateSize {
    /// Size of what `SequenceSession.save` writes after `context` symbols without structure, for one row.
    ///
    /// - Throws: `SequenceModelError`: `.unimplemented` for a model that keeps no state of its own (no sessions, or sessions that keep
    ///   the text and compute all of it anew), and what the model throws.
    /// - Complexity: O(context) symbols of the session
    public static func measure(_ model: any SequenceModel, context: Int) throws -> Int {
        let capabilities = model.description.capabilities
        guard capabilities.contains(.session) else {
            throw SequenceModelError(.unimplemented, "it has no sessions: there is no state to measure")
        }
        guard !capabilities.contains(.recomputingSession) else {
            throw SequenceModelError(.unimplemented, "its sessions keep the text alone: there is no state whose size its own decides")
        }
        if let limit = model.shape.maximumTokens, context > limit {
            throw SequenceModelError(.unimplemented, "it takes at most \(limit) tokens")
        }
        let session = try model.openSession(rows: 1)
        let text = sampleText(context, alphabet: model.shape.alphabet)
        for begin in stride(from: 0, to: context, by: 512) {
            let piece = Array(text[begin ..< min(begin + 512, context)])
            try session.append(piece, logits: .none, into: UnsafeMutableBufferPointer(start: nil, count: 0))
        }
        return try session.save().count
    }
}
