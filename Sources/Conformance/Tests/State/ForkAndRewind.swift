import CSequenceModel

extension ConformanceTest {
    static let stateFork = ConformanceTest(
        "state-fork", "A fork leaves its parent alone, and both go on as if alone.", group: .state, strictness: 3,
        motivation: "Beam search and prefix caches share a prefix; a shallow copy lets one branch write into the other"
    ) { context in
        let instance = try context.instance()
        _ = try instance.sessionTable()
        try context.require(length: 80, of: instance)
        let prefix = context.tokens(instance, rows: 2, length: 30, "prefix")
        let branches = ["left", "right"].map { name in (0 ..< 3).map { context.tokens(instance, rows: 2, length: 7, "\(name) \($0)") } }
        // Each branch alone, in the same pieces.
        let alone = try branches.map { pieces in
            let session = try instance.open(rows: 2)
            try session.append(prefix, SM_LOGITS_NONE)
            return try pieces.map { try session.append($0).floats }
        }
        var parent: RawSession? = try instance.open(rows: 2)
        try parent?.append(prefix, SM_LOGITS_NONE)
        guard let child = try parent?.fork() else { throw CheckEnd.failed("fork gave nothing") }
        guard try child.position() == 30, try child.declaredRows() == 2 else {
            throw CheckEnd.failed("the fork has position \(try child.position()) and \(try child.declaredRows()) rows, not 30 and 2")
        }
        func compare(_ got: [Float], _ expected: [Float], _ who: String, _ piece: Int) throws {
            guard let place = got.indices.first(where: { got[$0].bitPattern != expected[$0].bitPattern }) else { return }
            throw CheckEnd.failed("\(who), piece \(piece): logit \(place) is \(got[place]), alone \(expected[place])")
        }
        for piece in 0 ..< 3 {
            if let parent { try compare(parent.append(branches[0][piece]).floats, alone[0][piece], "the parent", piece) }
            if piece == 2 { parent = nil }  // closed: the fork goes on
            try compare(child.append(branches[1][piece]).floats, alone[1][piece], "the fork", piece)
        }
        return "parent and fork in turn, 3 pieces each; the fork outlives its parent"
    }

    static let stateRewind = ConformanceTest(
        "state-rewind", "A rewound session is as if it had read no more, or rewinding is refused as unsupported.", group: .state,
        strictness: 3, motivation: "Speculative decoding takes symbols back; a cache that only moves its counter keeps the rest"
    ) { context in
        let instance = try context.instance()
        _ = try instance.sessionTable()
        try context.require(length: 80, of: instance)
        let text = context.tokens(instance, rows: 1, length: 37, "text")
        let rest = context.tokens(instance, rows: 1, length: 11, "rest")
        let session = try instance.open(rows: 1)
        try session.append(text, SM_LOGITS_NONE)
        do {
            try session.rewind(to: 100)
            throw CheckEnd.failed("rewinding to 100 succeeded after 37 tokens")
        } catch is RawFailure {}
        let untouched = try session.fork()
        do {
            try session.rewind(to: 20)
        } catch let failure as RawFailure where failure.status == SM_UNIMPLEMENTED {
            guard try session.position() == 37 else { throw CheckEnd.failed("refused, and the position is \(try session.position()), not 37") }
            let expected = try untouched.append(rest).floats
            let got = try session.append(rest).floats
            guard zip(expected, got).allSatisfy({ $0.bitPattern == $1.bitPattern }) else {
                throw CheckEnd.failed("rewinding was refused, and the session is no longer what it was")
            }
            throw CheckEnd.skipped("the model's state cannot go back (SM_UNIMPLEMENTED)")
        }
        guard try session.position() == 20 else { throw CheckEnd.failed("rewound to 20, the position is \(try session.position())") }
        let fresh = try instance.open(rows: 1)
        try fresh.append(Array(text.prefix(20)), SM_LOGITS_NONE)
        let close = Closeness(expected: try fresh.append(rest).floats, got: try session.append(rest).floats)
        if let text = close.complaint { throw CheckEnd.failed("after rewinding from 37 to 20: \(text)") }
        try session.rewind(to: 0)
        let start = try instance.open(rows: 1)
        let again = Closeness(expected: try start.append(text).floats, got: try session.append(text).floats)
        if let text = again.complaint { throw CheckEnd.failed("after rewinding to 0: \(text)") }
        return "from 37 to 20 and to 0, largest difference \(max(close.largest, again.largest).short)"
    }
}
