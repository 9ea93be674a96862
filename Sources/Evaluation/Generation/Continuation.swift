import PluginHost
public import SequenceModel

/// Writes on from a prompt, symbol by symbol, through a session.
public enum Continuation {
    /// Reads `prompt`, then draws `options.newTokens` symbols, each handed to `sink` as soon as it is known; stops early when
    /// `sink` returns false.
    ///
    /// - Parameter session: what has been read before the prompt, one row of this model; nil: nothing.
    /// - Returns: the new symbols.
    /// - Throws: `ZooError` `.usage` for an empty prompt or more tokens than the model takes, `.data` for symbols outside the
    ///   alphabet, `.plugin` for logits that are not numbers; and what the model throws.
    @discardableResult
    public static func run(
        _ model: any SequenceModel, prompt: [Int32], options: ContinuationOptions,
        after session: (any SequenceSession)? = nil, sink: (Int32) throws -> Bool
    ) throws -> [Int32] {
        let shape = model.shape
        let id = model.description.id
        guard !prompt.isEmpty else {
            throw ZooError(.usage, "\(id) needs at least one symbol to write on from", hint: "--prompt TEXT")
        }
        guard options.newTokens >= 0 else {
            throw ZooError(.usage, "\(options.newTokens) new tokens; it must be 0 or more")
        }
        if let offset = prompt.firstIndex(where: { $0 < 0 || Int($0) >= shape.alphabet }) {
            throw ZooError(
                .data,
                "symbol \(prompt[offset]) of the prompt (at \(offset)) is not in the alphabet of \(id): "
                    + "0 to \(shape.alphabet - 1)")
        }
        // The last new symbol is never read.
        let read = session?.position ?? 0
        if let limit = shape.maximumTokens, read + prompt.count + options.newTokens - 1 > limit {
            let before = read > 0 ? "\(read) symbols read before, " : ""
            throw ZooError(
                .usage,
                "\(before)\(prompt.count) symbols of prompt and \(options.newTokens) new ones; \(id) takes at most \(limit)",
                hint: "--tokens \(max(limit - read - prompt.count + 1, 0))")
        }
        guard options.newTokens > 0 else { return [] }

        let session = try session ?? model.openSession(rows: 1)
        var logits = [Float](repeating: 0, count: shape.vocabulary)  // [V]
        for begin in stride(from: 0, to: prompt.count, by: options.prefillChunk) {
            let end = min(begin + options.prefillChunk, prompt.count)
            try append(Array(prompt[begin ..< end]), to: session, isLast: end == prompt.count, &logits)
        }
        var stream = options.key.stream
        var symbols: [Int32] = []
        while true {
            let allowed = logits[..<shape.alphabet]
            guard !allowed.contains(where: \.isNaN) else {
                throw ZooError(.plugin, "\(id) gave logits that are not numbers after \(session.position) symbols")
            }
            let next = options.sampling.draw(allowed, from: &stream)
            symbols.append(next)
            guard try sink(next), symbols.count < options.newTokens else { return symbols }
            try append([next], to: session, isLast: true, &logits)
        }
    }

    private static func append(
        _ tokens: [Int32], to session: any SequenceSession, isLast: Bool, _ logits: inout [Float]
    ) throws {
        try logits.withUnsafeMutableBufferPointer {
            try session.append(tokens, logits: isLast ? .last : .none, into: $0)
        }
    }
}
