internal import CSequenceModel
internal import SequenceModel

/// What an `sm_session` points to. Keeps its instance alive.
final class ExportedSession {
    let session: any SequenceSession
    let instance: ExportedInstance
    let rows: Int

    init(_ session: any SequenceSession, rows: Int, of instance: ExportedInstance) {
        self.session = session
        self.instance = instance
        self.rows = rows
    }

    var handle: OpaquePointer { OpaquePointer(Unmanaged.passRetained(self).toOpaque()) }
}

private func session(_ handle: OpaquePointer) throws -> ExportedSession {
    try requireArgument(isNull(handle), "session")
    return Unmanaged<ExportedSession>.fromOpaque(UnsafeRawPointer(handle)).takeUnretainedValue()
}

/// `sm.session/1`
func sessionTable() -> sm_session_table {
    var table = sm_session_table()
    table.struct_size = UInt32(MemoryLayout<sm_session_table>.size)
    addReading(to: &table)
    addKeeping(to: &table)
    return table
}

private func addReading(to table: inout sm_session_table) {
    table.open = { handle, rows, result, error in
        answer(error) {
            let instance = try instance(handle)
            try requireArgument(isNull(result), "session")
            result.pointee = nil
            guard rows > 0 else { throw SequenceModelError(.invalidArgument, "rows is 0; at least 1") }
            let opened = try instance.model.openSession(rows: Int(rows))
            result.pointee = ExportedSession(opened, rows: Int(rows), of: instance).handle
        }
    }
    table.close = { handle in
        guard let handle else { return }
        Unmanaged<ExportedSession>.fromOpaque(UnsafeRawPointer(handle)).release()
    }
    table.append = { handle, tokens, count, which, logits, error in
        answer(error) {
            let open = try session(handle)
            try requireArgument(isNull(tokens), "tokens")
            guard let choice = LogitsChoice(rawValue: which) else {
                throw SequenceModelError(.invalidArgument, "which is \(which); allowed: 0 (none), 1 (last), 2 (all)")
            }
            guard let columns = Int(exactly: count), columns > 0, columns <= Int(Int32.max) / open.rows else {
                throw SequenceModelError(
                    .invalidArgument, "count is \(count); allowed: 1 to \(Int(Int32.max) / open.rows) for \(open.rows) rows")
            }
            let vocabulary = open.instance.model.shape.vocabulary
            let places: Int
            switch choice {
            case .none: places = 0
            case .last: places = try product(open.rows, vocabulary)
            case .all: places = try product(open.rows, columns, vocabulary)
            }
            if places > 0, logits == nil { throw SequenceModelError(.invalidArgument, "logits is null") }
            let text = Array(UnsafeBufferPointer(start: tokens, count: open.rows * columns))
            try open.session.append(text, logits: choice, into: UnsafeMutableBufferPointer(start: logits, count: places))
        }
    }
    table.rows = { handle in UInt32(clamping: (try? session(handle).rows) ?? 0) }
    table.position = { handle in UInt64(clamping: (try? session(handle).session.position) ?? 0) }
    table.state_bytes = { handle in UInt64(clamping: (try? session(handle).session.stateBytes) ?? 0) }
}

private func addKeeping(to table: inout sm_session_table) {
    table.fork = { handle, copy, error in
        answer(error) {
            let open = try session(handle)
            try requireArgument(isNull(copy), "copy")
            copy.pointee = nil
            copy.pointee = ExportedSession(try open.session.fork(), rows: open.rows, of: open.instance).handle
        }
    }
    table.rewind = { handle, position, error in
        answer(error) {
            let open = try session(handle).session
            guard let position = Int(exactly: position), position <= open.position else {
                throw SequenceModelError(.invalidArgument, "position \(position); allowed: 0 to \(open.position)")
            }
            try open.rewind(to: position)
        }
    }
    table.save = { handle, state, error in
        answer(error) {
            let open = try session(handle).session
            try requireArgument(isNull(state), "state")
            try open.save().withUnsafeBytes { try write($0, to: state) }
        }
    }
    table.load = { handle, state, result, error in
        answer(error) {
            let instance = try instance(handle)
            try requireArgument(isNull(state), "state")
            try requireArgument(isNull(result), "session")
            result.pointee = nil
            let loaded = try instance.model.loadSession(try readAll(state, limit: SystemMemory.bytes / 2))
            result.pointee = ExportedSession(loaded, rows: loaded.rows, of: instance).handle
        }
    }
}
