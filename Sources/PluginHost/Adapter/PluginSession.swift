import CSequenceModel
import SequenceModel

/// A session of a plugin as the Swift protocol. Keeps its model alive; closes itself.
final class PluginSession: SequenceSession {
    private let pointer: OpaquePointer
    private let table: sm_session_table
    private let model: PluginModel
    let rows: Int

    /// Longest state that `save` may write.
    private static let maximumStateBytes = 1 << 40

    /// Takes over `pointer`. `rows` is nil where only the plugin knows. Throws `.internal` when there is no session.
    init(_ pointer: OpaquePointer?, rows: Int?, table: sm_session_table, model: PluginModel, madeBy function: String)
        throws
    {
        guard let pointer else { throw SequenceModelError(.internal, "\(function) succeeded without a session") }
        guard let rows = rows ?? table.rows.map({ Int($0(pointer)) }), rows > 0 else {
            table.close?(pointer)
            throw SequenceModelError(.unimplemented, "\(model.description.id) does not say how many rows a session has")
        }
        self.pointer = pointer
        self.rows = rows
        self.table = table
        self.model = model
        model.instance.openSessions += 1
    }

    deinit {
        CallJournal.during("close") { table.close?(pointer) }
        model.instance.openSessions -= 1
    }

    var position: Int { CallJournal.during("position") { table.position.map { Int(clamping: $0(pointer)) } ?? 0 } }

    var stateBytes: Int {
        CallJournal.during("state_bytes") { table.state_bytes.map { Int(clamping: $0(pointer)) } ?? 0 }
    }

    func append(
        _ tokens: [Int32], logits which: LogitsChoice, into logits: UnsafeMutableBufferPointer<Float>
    ) throws {
        guard let append = table.append else { throw model.absent("append of \(SM_SESSION_1)") }
        let (count, rest) = tokens.count.quotientAndRemainder(dividingBy: rows)
        guard count > 0, rest == 0 else {
            throw SequenceModelError(
                .invalidArgument, "append: \(tokens.count) tokens for \(rows) rows; as many for each row, at least 1")
        }
        let target: UnsafeMutablePointer<Float>? =
            switch which {
            case .none: nil
            case .last: try model.checked(logits, count: rows, "append")
            case .all: try model.checked(logits, count: rows * count, "append")
            }
        try tokens.withUnsafeBufferPointer { tokens in
            guard let tokens = tokens.baseAddress else { return }
            try model.instance.errors.check("append") {
                append(pointer, tokens, UInt64(count), which.rawValue, target, $0)
            }
        }
    }

    func fork() throws -> any SequenceSession {
        guard let fork = table.fork else { throw model.absent("fork of \(SM_SESSION_1)") }
        var copy: OpaquePointer?
        try model.instance.errors.check("fork") { fork(pointer, &copy, $0) }
        return try PluginSession(copy, rows: rows, table: table, model: model, madeBy: "fork")
    }

    func rewind(to position: Int) throws {
        guard let rewind = table.rewind else { throw model.absent("rewind of \(SM_SESSION_1)") }
        guard let position = UInt64(exactly: position) else {
            throw SequenceModelError(
                .invalidArgument, "rewind: to position \(position); allowed: 0 to \(self.position)")
        }
        try model.instance.errors.check("rewind") { rewind(pointer, position, $0) }
    }

    func save() throws -> [UInt8] {
        guard let save = table.save else { throw model.absent("save of \(SM_SESSION_1)") }
        return try ByteWriter.collect(limit: PluginSession.maximumStateBytes) { writer in
            try model.instance.errors.check("save") { save(pointer, writer, $0) }
        }
    }
}
