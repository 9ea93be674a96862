#if canImport(Glibc)
    import Glibc
#endif
import PluginHost
public import SequenceModel

/// How well a session predicts a text that it reads in one piece, from whatever state it is in: weights are as they are, what the session
/// has read before is all that differs between two scores of the same text.
public struct SessionScore: Sendable, Equatable {
    /// Of every byte but the first, in order: −ln p of it after all that the session has read.
    public var nats: [Double]

    /// Takes the values as they are.
    public init(nats: [Double]) { self.nats = nats }

    /// Mean bits of a predicted byte.
    public var bitsPerByte: Double { bitsPerByte(first: nats.count) }

    /// The same over the first `count` predicted bytes; nats of none are 0.
    public func bitsPerByte(first count: Int) -> Double {
        let part = nats.prefix(count)
        return part.isEmpty ? 0 : part.reduce(0, +) / Double(part.count) / log(2)
    }

    /// 64, 256, 1,024, … bytes and all of them: where a state that is carried over shows most.
    public var beginnings: [Int] {
        var counts: [Int] = []
        var count = 64
        while count < nats.count {
            counts.append(count)
            count *= 4
        }
        return counts + [nats.count]
    }

    /// Reads `bytes` but for the last one, and scores each byte but the first by the logits before it, normalised over the alphabet.
    ///
    /// - Parameters:
    ///   - session: one row; it has read `bytes.count − 1` symbols more afterwards.
    ///   - chunk: symbols in one call.
    ///   - progress: called after each call with the bytes read; what it throws stops the measurement.
    /// - Throws: `ZooError` `.data` for fewer than two bytes or a byte outside of the alphabet, `.usage` for more than the model takes,
    ///   `.plugin` for logits that are no numbers; and what the model throws.
    /// - Complexity: O(bytes) symbols of the session.
    public static func measure(
        _ session: any SequenceSession, of model: any SequenceModel, bytes: ArraySlice<UInt8>, chunk: Int = 256,
        progress: (_ done: Int) throws -> Void = { _ in }
    ) throws -> SessionScore {
        guard bytes.count >= 2 else {
            throw ZooError(
                .data,
                "\(bytes.count) bytes to score; at least 2 are needed: the first is context, the rest are predicted")
        }
        let shape = model.shape
        try check(session, model, bytes)
        let predicted = bytes.count - 1
        var nats: [Double] = []
        nats.reserveCapacity(predicted)
        var logits = [Float](repeating: 0, count: min(chunk, predicted) * shape.vocabulary)  // [chunk, V]
        for begin in stride(from: 0, to: predicted, by: max(chunk, 1)) {
            let end = min(begin + chunk, predicted)
            let tokens = bytes[bytes.startIndex + begin ..< bytes.startIndex + end].map(Int32.init)
            try logits.withUnsafeMutableBufferPointer {
                let part = UnsafeMutableBufferPointer(rebasing: $0[..<(tokens.count * shape.vocabulary)])
                try session.append(tokens, logits: .all, into: part)
            }
            for position in 0 ..< tokens.count {
                let row = logits[position * shape.vocabulary ..< position * shape.vocabulary + shape.alphabet]
                let target = Int(bytes[bytes.startIndex + begin + position + 1])
                let most = Double(row.max() ?? 0)
                let sum = row.reduce(0.0) { $0 + exp(Double($1) - most) }
                let value = log(sum) + most - Double(row[row.startIndex + target])
                guard value.isFinite else {
                    throw ZooError(
                        .plugin, "\(model.description.id) gave \(value) nats for the byte at offset \(begin + position + 1)",
                        hint: "its parameters may have diverged")
                }
                nats.append(value)
            }
            try progress(end)
        }
        return SessionScore(nats: nats)
    }

    /// Reads all of `bytes` without asking what the model makes of them. Throws and reports as `measure`; nothing to read is fine.
    public static func read(
        _ bytes: ArraySlice<UInt8>, into session: any SequenceSession, of model: any SequenceModel, chunk: Int = 512,
        progress: (_ done: Int) throws -> Void = { _ in }
    ) throws {
        try check(session, model, bytes)
        for begin in stride(from: 0, to: bytes.count, by: max(chunk, 1)) {
            let end = min(begin + chunk, bytes.count)
            let tokens = bytes[bytes.startIndex + begin ..< bytes.startIndex + end].map(Int32.init)
            try session.append(tokens, logits: .none, into: UnsafeMutableBufferPointer(start: nil, count: 0))
            try progress(end)
        }
    }

    private static func check(
        _ session: any SequenceSession, _ model: any SequenceModel, _ bytes: ArraySlice<UInt8>
    ) throws {
        let id = model.description.id
        if let limit = model.shape.maximumTokens, session.position + bytes.count > limit {
            throw ZooError(
                .usage,
                "\(session.position) symbols read and \(bytes.count) more; \(id) takes at most \(limit) in one piece",
                hint: "read a shorter text")
        }
        let alphabet = model.shape.alphabet
        if alphabet < 256, let offset = bytes.firstIndex(where: { Int($0) >= alphabet }) {
            throw ZooError(
                .data,
                "byte \(bytes[offset]) at offset \(offset - bytes.startIndex) is not in the alphabet of \(id): 0 to \(alphabet - 1)")
        }
    }
}
