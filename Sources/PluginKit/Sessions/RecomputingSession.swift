internal import Layers
internal import SequenceModel
internal import Tensor

/// A session that keeps the text and computes all of it anew at each append.
final class RecomputingSession<Model: NextSymbolModel>: SessionCore {
    private let model: Model
    let rows: Int
    /// One array for each row.
    private var texts: [[Int32]]

    init(_ model: Model, rows: Int) {
        self.model = model
        self.rows = rows
        texts = [[Int32]](repeating: [], count: rows)
    }

    var position: Int { texts.first?.count ?? 0 }
    var stateBytes: Int { rows * position * 4 }

    func append(_ tokens: Tokens, logits: LogitsChoice) throws -> Tensor? {
        var longer = texts
        for row in 0 ..< rows { longer[row] += tokens.ids[row * tokens.length ..< (row + 1) * tokens.length] }
        let length = position + tokens.length
        let result: Tensor?
        switch logits {
        case .none: result = nil
        case .last, .all:
            let all = Tokens(rows: rows, length: length, ids: longer.flatMap { $0 })
            let first = logits == .last ? length - 1 : position
            let found = try model.logits(all, from: first)  // [B, T or 1, V]
            result = logits == .last ? found.reshaped([rows, found.extent(-1)]) : found
        }
        texts = longer
        return result
    }

    func copy() -> any SessionCore {
        let copy = RecomputingSession(model, rows: rows)
        copy.texts = texts
        return copy
    }

    func rewind(to position: Int) {
        for row in 0 ..< rows { texts[row].removeLast(texts[row].count - position) }
    }

    func save() -> [UInt8] {
        texts.flatMap { text in text.flatMap { id in withUnsafeBytes(of: id.littleEndian) { Array($0) } } }
    }

    func restore(_ bytes: [UInt8], position: Int) throws {
        guard bytes.count == rows * position * 4 else {
            throw SequenceModelError(.dataLoss, "the saved state has \(bytes.count) bytes; \(rows) × \(position) tokens have \(rows * position * 4)")
        }
        let limit = model.shape.vocabulary
        for row in 0 ..< rows {
            texts[row] = try (0 ..< position).map { column in
                let begin = (row * position + column) * 4
                let bits = bytes[begin ..< begin + 4].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
                guard bits < limit else { throw SequenceModelError(.dataLoss, "the saved state holds the token \(bits)") }
                return Int32(bits)
            }
        }
    }
}
