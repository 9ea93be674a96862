import Foundation
import SequenceModel

/// What the log of a run, `log.jsonl`, says: one JSON object a line. Lines that are torn or unknown are passed over, since the
/// process may have died while it wrote.
struct RunHistory {
    private(set) var training: [Entry] = []
    private(set) var validation: [Entry] = []

    struct Entry: Equatable {
        var step: Int
        var tokens: Int
        var bitsPerByte: Double
        /// Part of the answers that were right; only where a task is validated.
        var accuracy: Double?
        /// Of training since its beginning.
        var seconds: Double
        var tokensPerSecond: Double?
    }

    var lastStep: Int? { training.last?.step }

    static func read(_ path: String) -> RunHistory {
        var log = RunHistory()
        guard let data = try? Data(contentsOf: URL(fileURLWithPath: path)) else { return log }
        for line in data.split(separator: UInt8(ascii: "\n")) {
            if let value = try? JSONParser.parse([UInt8](line)) { log.add(value) }
        }
        return log
    }

    /// A line that says an earlier step again comes from a resumed run: it replaces what was said from there on.
    mutating func add(_ line: JSONValue) {
        guard let step = line["step"]?.integerValue else { return }
        let tokens = line["tokens"]?.integerValue ?? 0
        func entry(_ bits: Double) -> Entry {
            Entry(
                step: step, tokens: tokens, bitsPerByte: bits, accuracy: line["validation_accuracy"]?.doubleValue, seconds: line["seconds"]?.doubleValue ?? 0,
                tokensPerSecond: line["tokens_per_second"]?.doubleValue)
        }
        if let bits = RunHistory.bits(line["loss"]) {
            while let last = training.last, last.step >= step { training.removeLast() }
            training.append(entry(bits))
        }
        if let bits = RunHistory.bits(line["validation_loss"]) {
            while let last = validation.last, last.step >= step { validation.removeLast() }
            validation.append(entry(bits))
        }
    }

    /// Nats of a byte as bits; nil when there is no finite number.
    static func bits(_ nats: JSONValue?) -> Double? {
        nats?.doubleValue.flatMap { $0.isFinite ? $0 / log(2) : nil }
    }

    /// Puts what was validated over training into the result of a task.
    func fill(_ task: inout TaskResult) {
        task.curve = validation.compactMap { entry in entry.accuracy.map { TaskCurvePoint(step: entry.step, accuracy: $0) } }
        task.validationAccuracy = task.curve.last?.accuracy
        task.solvedAtStep = task.curve.first { $0.accuracy >= TaskResult.solved }?.step
    }

    /// Puts curve, tokens, time and rate into a row.
    func fill(_ row: inout ResultRow) {
        let isValidated = validation.count > 1
        let points = isValidated ? validation : RunHistory.thinned(training, to: 160)
        row.curve = points.map { CurvePoint(tokens: $0.tokens, bitsPerByte: $0.bitsPerByte) }
        row.curveSplit = isValidated ? "validation" : "train"
        row.curveSeconds = points.map { ($0.seconds * 1000).rounded() / 1000 }
        row.trainTokens = max(training.last?.tokens ?? 0, validation.last?.tokens ?? 0)
        row.seconds = training.last?.seconds
        // The first step pays for what is set up once.
        let rates = training.dropFirst().compactMap(\.tokensPerSecond).sorted()
        row.trainTokensPerSecond = rates.isEmpty ? training.first?.tokensPerSecond : rates[rates.count / 2]
    }

    /// At most `count` points, each the mean of the entries since the last: a single batch says little.
    private static func thinned(_ entries: [Entry], to count: Int) -> [Entry] {
        guard entries.count > count else { return entries }
        return (0 ..< count).map { index in
            let piece = entries[index * entries.count / count ..< (index + 1) * entries.count / count]
            var point = piece[piece.endIndex - 1]
            point.bitsPerByte = piece.reduce(0) { $0 + $1.bitsPerByte } / Double(piece.count)
            return point
        }
    }

    /// The end of a text file; empty when it cannot be read.
    static func tail(of path: String, bytes: Int) -> String {
        guard let file = FileHandle(forReadingAtPath: path) else { return "" }
        defer { try? file.close() }
        guard let size = try? file.seekToEnd() else { return "" }
        try? file.seek(toOffset: size > UInt64(bytes) ? size - UInt64(bytes) : 0)
        return String(decoding: (try? file.readToEnd()) ?? Data(), as: UTF8.self)
    }
}
