import CSequenceModel

/// A session, called through its C functions. Closed with the last reference.
final class RawSession {
    let instance: RawInstance
    let handle: OpaquePointer
    let rows: Int
    private let table: sm_session_table

    init(_ instance: RawInstance, _ table: sm_session_table, _ handle: OpaquePointer, rows: Int) {
        self.instance = instance
        self.table = table
        self.handle = handle
        self.rows = rows
    }

    deinit {
        guard let close = table.close else { return }
        instance.plugin.watch.call("close") { close(handle) }
    }

    /// Reads tokens [B, count] and returns the logits asked for: [B, count, V], [B, V] or none.
    @discardableResult
    func append(_ tokens: [Int32], _ which: UInt32 = SM_LOGITS_ALL) throws -> GuardedOutput {
        let append = try instance.plugin.slot("append", table.append)
        let positions = which == SM_LOGITS_ALL ? tokens.count : which == SM_LOGITS_LAST ? rows : 0
        let output = try GuardedOutput(count: positions * instance.vocabulary)
        try instance.plugin.check("append") { error in
            (
                append(
                    handle, tokens, UInt64(tokens.count / rows), which,
                    which == SM_LOGITS_NONE ? nil : output.floatAddress, error), ()
            )
        }
        return output
    }

    func position() throws -> Int {
        let position = try instance.plugin.slot("position", table.position)
        return Int(clamping: instance.plugin.watch.call("position") { position(handle) })
    }

    func fork() throws -> RawSession {
        let fork = try instance.plugin.slot("fork", table.fork)
        let made: OpaquePointer? = try instance.plugin.check("fork") { error in
            var made: OpaquePointer?
            return (fork(handle, &made, error), made)
        }
        guard let made else { throw CheckEnd.failed("fork returned SM_OK and a null session") }
        return RawSession(instance, table, made, rows: rows)
    }

    func rewind(to position: Int) throws {
        let rewind = try instance.plugin.slot("rewind", table.rewind)
        try instance.plugin.check("rewind") { error in (rewind(handle, UInt64(position), error), ()) }
    }

    func stateBytes() throws -> Int {
        let bytes = try instance.plugin.slot("state_bytes", table.state_bytes)
        return Int(clamping: instance.plugin.watch.call("state_bytes") { bytes(handle) })
    }

    func save() throws -> [UInt8] {
        let save = try instance.plugin.slot("save", table.save)
        let sink = ByteSink()
        try instance.plugin.check("save") { error in (sink.withWriter { save(handle, $0, error) }, ()) }
        return sink.bytes
    }

    func declaredRows() throws -> Int {
        let rows = try instance.plugin.slot("rows", table.rows)
        return Int(instance.plugin.watch.call("rows") { rows(handle) })
    }
}
