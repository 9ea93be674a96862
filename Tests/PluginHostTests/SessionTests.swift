import PluginHost
import SequenceModel
import Testing
import TestSupport

@Suite struct SessionTests {
    private func append(
        _ session: any SequenceSession, _ tokens: [Int32], _ which: LogitsChoice, room: Int
    ) throws -> [Float] {
        var logits = [Float](repeating: .nan, count: room)
        try logits.withUnsafeMutableBufferPointer { try session.append(tokens, logits: which, into: $0) }
        return logits
    }

    private func logits(of bigram: Bigram, rows: Int, _ tokens: [Int32]) throws -> [Float] {
        var logits = [Float](repeating: .nan, count: tokens.count * 5)
        let batch = Batch(rows: rows, length: tokens.count / rows, tokens: tokens)
        try logits.withUnsafeMutableBufferPointer { try bigram.model.logits(batch, into: $0) }
        return logits
    }

    @Test func readsLikeTheWholeModel() throws {
        let bigram = try Bigram()
        let session = try bigram.model.openSession(rows: 2)
        #expect(session.position == 0)
        #expect(session.stateBytes == 8)
        let tokens: [Int32] = [0, 1, 2, 3, 4, 0]  // [2, 3]
        let whole = try logits(of: bigram, rows: 2, tokens)  // [2, 3, 5]
        #expect(try append(session, [0, 1, 3, 4], .all, room: 20) == Array(whole[0 ..< 10] + whole[15 ..< 25]))
        #expect(session.position == 2)
        #expect(try append(session, [2, 0], .last, room: 10) == Array(whole[10 ..< 15] + whole[25 ..< 30]))
        #expect(session.position == 3)
        // Nothing is written where nothing is asked for.
        #expect(try append(session, [1, 1], .none, room: 3).allSatisfy { $0.isNaN })
    }

    @Test func forksAndSaves() throws {
        let bigram = try Bigram()
        let session = try bigram.model.openSession(rows: 2)
        _ = try append(session, [0, 1, 3, 4], .none, room: 0)
        let copy = try session.fork()
        let state = try session.save()
        _ = try append(session, [2, 2], .none, room: 0)
        #expect(copy.position == 2)
        #expect(try copy.save() == state)
        let loaded = try bigram.model.loadSession(state)
        #expect(loaded.position == 2)
        #expect(try loaded.save() == state)
        #expect(try append(loaded, [1, 2], .last, room: 10) == append(copy, [1, 2], .last, room: 10))
    }

    @Test func refusesDamagedStates() throws {
        let bigram = try Bigram()
        let session = try bigram.model.openSession(rows: 2)
        _ = try append(session, [0, 1], .none, room: 0)
        let state = try session.save()
        func verdict(_ state: [UInt8]) -> String { outcome { try bigram.model.loadSession(state) } }
        for length in 0 ..< state.count {
            #expect(verdict(Array(state.prefix(length))).hasPrefix("15: the state is "), "cut to \(length) bytes")
        }
        #expect(verdict(state + [0]) == "15: the state is longer than it should be")
        var damaged = state
        damaged[state.count - 1] ^= 1
        #expect(verdict(damaged) == "15: the state is damaged")
        let other = try Plugin.load(TestPlugins.bigram.get()).models[0].create(
            .object(["vocab_size": .integer(6), "hidden_size": .integer(3)]), services: NoHostServices())
        let memory = try ParameterMemory(for: other, gradients: false)
        try memory.bind(to: other)
        #expect(
            outcome { try other.loadSession(state) }
                == "15: the state is of a model with vocab_size 5 and hidden_size 3; this one has 6 and 3")
    }

    @Test func refusesAppends() throws {
        let bigram = try Bigram()
        let session = try bigram.model.openSession(rows: 2)
        func verdict(_ tokens: [Int32], _ which: LogitsChoice = .none, room: Int = 0) -> String {
            outcome { try append(session, tokens, which, room: room) }
        }
        #expect(verdict([]) == "3: append: 0 tokens for 2 rows; as many for each row, at least 1")
        #expect(verdict([1, 2, 3]) == "3: append: 3 tokens for 2 rows; as many for each row, at least 1")
        #expect(verdict([1, 2], .last, room: 9) == "3: append: room for 9 logits; 2 × 5 are written")
        #expect(verdict([1, 2, 3, 4], .all, room: 19) == "3: append: room for 19 logits; 4 × 5 are written")
        #expect(verdict([1, 9]) == "3: token 9 at row 1, position 0; allowed: 0 to 4")
        #expect(session.position == 0)
        #expect(outcome { try bigram.model.openSession(rows: 0) } == "3: open: 0 rows; at least 1 is needed")
        #expect(outcome { try bigram.model.openSession(rows: -1) } == "3: open: -1 rows; at least 1 is needed")
        #expect(outcome { try session.rewind(to: -1) } == "3: rewind: to position -1; allowed: 0 to 0")
        _ = try append(session, [1, 2], .none, room: 0)
        #expect(
            outcome { try session.rewind(to: 0) } == "12: the state keeps the last symbol only and cannot go back")
    }

    /// Memory may move only when no session looks at it; sessions keep their model alive.
    @Test func livesLongerThanItsModelsName() throws {
        var bigram: Bigram? = try Bigram()
        let memory = try #require(bigram?.memory)
        let model = try #require(bigram?.model)
        var session: (any SequenceSession)? = try model.openSession(rows: 1)
        #expect(
            outcome { try memory.bind(to: model) } == "9: bind: 1 sessions are open; they must be closed first")
        session = nil
        try memory.bind(to: model)
        session = try model.openSession(rows: 1)
        bigram = nil
        _ = try append(try #require(session), [1], .last, room: 5)
    }

    /// A plugin of an earlier minor version does not say how many rows a loaded session has: it cannot be used safely.
    @Test func loadNeedsRows() throws {
        let bigram = try Bigram(path: TestPlugins.compile("misbehaving.c", defines: ["VARIANT_SHORT_SESSION"]))
        let session = try bigram.model.openSession(rows: 1)
        #expect(
            outcome { try bigram.model.loadSession(session.save()) }
                == "12: bigram does not say how many rows a session has")
    }
}
