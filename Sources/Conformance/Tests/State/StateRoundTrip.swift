import CSequenceModel

extension ConformanceTest {
    static let stateRoundTrip = ConformanceTest(
        "state-round-trip", "A saved and loaded session continues bit for bit.", group: .state, strictness: 3,
        motivation: "clap-validator's `state-reproducibility` tests; serving stacks whose prefix cache skipped recurrent layers (LMCache#2845)"
    ) { context in
        let instance = try context.instance()
        _ = try instance.sessionTable()
        try context.require(length: 70, of: instance)
        let first = context.tokens(instance, rows: 2, length: 37, "first")
        let rest = context.tokens(instance, rows: 2, length: 29, "rest")
        let session = try instance.open(rows: 2)
        try session.append(first, SM_LOGITS_NONE)
        let saved = try session.save()
        guard !saved.isEmpty else { throw CheckEnd.failed("save wrote nothing") }
        // In small pieces too: a reader may give less than was asked for.
        for piece in [Int.max, 17, 23] {
            let loaded = try instance.load(saved, rows: 2, piece: piece)
            guard try loaded.declaredRows() == 2 else { throw CheckEnd.failed("loaded, it has \(try loaded.declaredRows()) rows, not 2") }
            guard try loaded.position() == 37 else { throw CheckEnd.failed("loaded, its position is \(try loaded.position()), not 37") }
            let again = try loaded.save()
            if again != saved {
                let place = zip(again, saved).enumerated().first { $1.0 != $1.1 }?.offset ?? min(again.count, saved.count)
                throw CheckEnd.failed("saved, loaded and saved again differs at byte \(place) of \(saved.count) (\(again.count))")
            }
            let expected = try session.fork().append(rest).floats
            let got = try loaded.append(rest).floats
            if let place = expected.indices.first(where: { expected[$0].bitPattern != got[$0].bitPattern }) {
                throw CheckEnd.failed(
                    "logit \(place) after loading (pieces of \(piece == .max ? "any size" : "\(piece) bytes")) is \(got[place]), "
                        + "in the session itself \(expected[place])")
            }
        }
        return "\(saved.count) bytes, read whole and in pieces of 17 and 23"
    }
}
