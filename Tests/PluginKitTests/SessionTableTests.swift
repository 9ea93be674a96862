import CSequenceModel
import SequenceModel
import Testing

/// Sessions behind the C functions.
@Suite struct SessionTableTests {
    private let table = Exported.session()

    private func open(_ instance: ExportedHandle, rows: UInt32 = 2) throws -> OpaquePointer {
        var session: OpaquePointer?
        #expect(call { table.open?(instance.handle, rows, &session, $0) } == "0")
        return try #require(session)
    }

    private func append(_ session: OpaquePointer, _ tokens: [Int32], _ count: UInt64, _ which: UInt32 = 1) -> (String, [Float]) {
        var logits = [Float](repeating: -7, count: 22 + 4)
        let status = call { table.append?(session, tokens, count, which, &logits, $0) }
        return (status, logits)
    }

    @Test func appendForkSaveAndLoad() throws {
        let instance = try #require(ExportedHandle())
        let session = try open(instance)
        #expect(table.rows?(session) == 2)
        #expect(append(session, [1, 2, 3, 4, 5, 6], 3, 0).0 == "0")
        #expect(table.position?(session) == 3)
        #expect(table.state_bytes?(session) == 2 * 8 * 4)
        var copy: OpaquePointer?
        #expect(call { table.fork?(session, &copy, $0) } == "0")
        let fork = try #require(copy)
        let collector = Collector()
        var writer = collector.writer
        #expect(call { table.save?(session, &writer, $0) } == "0")
        let server = Server(collector.bytes)
        var reader = server.reader
        var made: OpaquePointer?
        #expect(call { table.load?(instance.handle, &reader, &made, $0) } == "0")
        let loaded = try #require(made)
        #expect(table.rows?(loaded) == 2 && table.position?(loaded) == 3)
        let expected = append(session, [7, 8], 1)
        #expect(expected.0 == "0" && expected.1.suffix(4) == [-7, -7, -7, -7] && !expected.1.prefix(22).contains(-7))
        #expect(append(fork, [7, 8], 1).1 == expected.1)
        #expect(append(loaded, [7, 8], 1).1 == expected.1)

        collector.status = 12
        #expect(call { table.save?(session, &writer, $0) } == "12: the writer refused")
        let failing = Server(collector.bytes, failsAt: 21)
        reader = failing.reader
        #expect(call { table.load?(instance.handle, &reader, &made, $0) } == "15: the reader failed with -5 after 21 bytes")
        #expect(made == nil)
        #expect(call { table.rewind?(session, 2, $0) } == "12: decay cannot go back from 4 to 2")
        #expect(call { table.rewind?(session, 9, $0) } == "3: position 9; allowed: 0 to 4")
        for session in [session, fork, loaded] { table.close?(session) }
        table.close?(nil)
        withExtendedLifetime((collector, server, failing)) {}
    }

    @Test func whatCannotBeReadIsRefusedAndChangesNothing() throws {
        let instance = try #require(ExportedHandle())
        let session = try open(instance)
        #expect(append(session, [1, 11], 1).0 == "3: token 11 at row 1, position 0; allowed: 0 to 10")
        #expect(append(session, [1, -1], 1).0 == "3: token -1 at row 1, position 0; allowed: 0 to 10")
        #expect(append(session, [1, 2], 0).0.hasPrefix("3: count is 0; allowed: 1 to 1073741823 for 2 rows"))
        #expect(append(session, [1, 2], .max).0.hasPrefix("3: count is 18446744073709551615"))
        #expect(append(session, [1, 2], 1, 3).0 == "3: which is 3; allowed: 0 (none), 1 (last), 2 (all)")
        #expect(call { table.append?(session, Exported.null(), 1, 1, nil, $0) } == "3: tokens is null")
        #expect(call { table.append?(session, [1, 2], 1, 1, nil, $0) } == "3: logits is null")
        #expect(call { table.append?(Exported.null(), [1, 2], 1, 1, nil, $0) } == "3: session is null")
        #expect(table.position?(session) == 0)
        #expect(table.position?(Exported.null()) == 0 && table.rows?(Exported.null()) == 0)
        var other: OpaquePointer?
        #expect(call { table.open?(instance.handle, 0, &other, $0) } == "3: rows is 0; at least 1")
        #expect(call { table.open?(instance.handle, 1, Exported.null(), $0) } == "3: session is null")
        table.close?(session)
    }

    @Test func memoryThatIsNotThereIsAnError() throws {
        let instance = try #require(ExportedHandle())
        var session: OpaquePointer?
        #expect(begins(call { table.open?(instance.handle, .max, &session, $0) }, "8: out of memory: "))
        #expect(session == nil)
        // The instance is as good as before.
        table.close?(try open(instance))
    }

    @Test func aSessionEndsWhenItsModelIsBoundAnew() throws {
        let instance = try #require(ExportedHandle())
        let session = try open(instance)
        #expect(instance.bind() == "0")
        let message = "9: the model was bound anew after this session was opened"
        #expect(append(session, [1, 2], 1).0 == message)
        var copy: OpaquePointer?
        #expect(call { table.fork?(session, &copy, $0) } == message)
        table.close?(session)
    }

    @Test func declaredLimitsAreKept() throws {
        let instance = try #require(ExportedHandle(1))
        let table = Exported.session(1)
        var session: OpaquePointer?
        #expect(call { table.open?(instance.handle, 1, &session, $0) } == "0")
        let open = try #require(session)
        let text = [Int32](repeating: 1, count: 51)
        #expect(call { table.append?(open, text, 51, 0, nil, $0) } == "8: 0 + 51 tokens; this model takes at most 50")
        #expect(call { table.append?(open, text, 50, 0, nil, $0) } == "0")
        #expect(call { table.append?(open, text, 1, 0, nil, $0) } == "8: 50 + 1 tokens; this model takes at most 50")
        table.close?(open)
    }
}
