import PluginHost
import SequenceModel
import Testing

/// Sessions of the transformer: reading step by step, in pieces or at once is the same; saving, copying and going back lose nothing.
@Suite struct TransformerSessionTests {
    static let shared = #""vocab_size":29,"hidden_size":32,"intermediate_size":40,"num_hidden_layers":2,"num_attention_heads":4"#
    static let configurations = [
        "{\(shared)}",
        "{\(shared),\"num_key_value_heads\":2}",
        "{\(shared),\"num_key_value_heads\":1,\"head_dim\":10}",
        "{\(shared),\"sliding_window\":8}",
        "{\(shared),\"sliding_window\":8,\"num_key_value_heads\":2,\"layer_types\":[\"sliding_attention\",\"full_attention\"]}",
        "{\(shared),\"tie_word_embeddings\":true,\"attention_bias\":true,\"mlp_bias\":true}",
    ]

    private func open(_ text: String, threads: Int = 1) throws -> BoundModel {
        let model = try BoundModel(
            PluginLibrary.factory("Transformer", "transformer"), JSONParser.parse(text), threads: threads)
        // Larger than the first values are, so that attention has something to choose from.
        model.scaleMatrices(by: 6)
        return model
    }

    /// Columns `range` of tokens [rows, length].
    private func columns(_ tokens: [Int32], _ rows: Int, _ range: Range<Int>) -> [Int32] {
        let length = tokens.count / rows
        return (0 ..< rows).flatMap { tokens[$0 * length + range.lowerBound ..< $0 * length + range.upperBound] }
    }

    @Test(arguments: configurations, [1, 3]) func stepsPiecesAndTheWholeAgree(_ text: String, _ rows: Int) throws {
        let model = try open(text)
        let length = 21
        let tokens = someTokens(rows * length, below: 29)
        let whole = try model.logits(tokens, rows: rows)
        for cut in [[9, 5, 7], [Int](repeating: 1, count: 21)] {
            let session = try model.model.openSession(rows: rows)
            var begin = 0
            for count in cut {
                let part = columns(tokens, rows, begin ..< begin + count)
                let found = try session.logits(part, .all, vocabulary: 29)
                for row in 0 ..< rows {
                    let expected = whole[(row * length + begin) * 29 ..< (row * length + begin + count) * 29]
                    #expect(largestDifference(Array(found[row * count * 29 ..< (row + 1) * count * 29]), Array(expected)) <= 1e-4)
                }
                begin += count
            }
            #expect(session.position == length)
        }
    }

    @Test(arguments: configurations) func aLongTextIsReadThroughRingsAndGrowingCaches(_ text: String) throws {
        let model = try open(text)
        let tokens = someTokens(600, below: 29)
        let whole = try model.logits(tokens, rows: 1)
        let session = try model.model.openSession(rows: 1)
        let head = try session.logits(Array(tokens[..<597]), .last, vocabulary: 29)
        #expect(largestDifference(head, Array(whole[596 * 29 ..< 597 * 29])) <= 2e-4)
        for position in 597 ..< 600 {
            let found = try session.logits([tokens[position]], .last, vocabulary: 29)
            #expect(largestDifference(found, Array(whole[position * 29 ..< (position + 1) * 29])) <= 2e-4)
        }
    }

    @Test(arguments: configurations) func savedForkedAndRewoundSessionsGoOnBitForBit(_ text: String) throws {
        let model = try open(text)
        let session = try model.model.openSession(rows: 2)
        let tokens = someTokens(2 * 400, below: 29)
        _ = try session.logits(columns(tokens, 2, 0 ..< 300), .none, vocabulary: 29)
        let saved = try session.save()
        let fork = try session.fork()
        let loaded = try model.model.loadSession(saved)
        #expect(loaded.rows == 2 && loaded.position == 300)
        #expect(try loaded.save() == saved)

        func goOn(_ session: any SequenceSession) throws -> [[Float]] {
            try [300 ..< 301, 301 ..< 302, 302 ..< 340, 340 ..< 341].map {
                try session.logits(columns(tokens, 2, $0), .last, vocabulary: 29)
            }
        }
        let expected = try goOn(session)
        // The original has moved on by now.
        #expect(try goOn(fork) == expected)
        #expect(try goOn(loaded) == expected)
        try session.rewind(to: 300)
        #expect(session.position == 300)
        #expect(try goOn(session) == expected)
    }

    @Test func slidingLayersKeepTheirWindowAndNoMore() throws {
        let full = try open(Self.configurations[0])
        let sliding = try open(Self.configurations[3])
        var sizes: [[Int]] = []
        for model in [full, sliding] {
            sizes.append(
                try [100, 1000].map { length in
                    let session = try model.model.openSession(rows: 1)
                    _ = try session.logits(someTokens(length, below: 29), .none, vocabulary: 29)
                    // Keys and values of two layers, and the length of each cache.
                    #expect(try session.save().count == session.stateBytes + 64)
                    return session.stateBytes
                })
        }
        let bytesOfToken = 2 * 2 * 32 * 4
        #expect(sizes[0] == [100 * bytesOfToken + 16, 1000 * bytesOfToken + 16])
        #expect(sizes[1] == [7 * bytesOfToken + 16, 7 * bytesOfToken + 16])
    }

    @Test func aWindowCannotGoBackFurtherThanItRemembers() throws {
        let session = try open(Self.configurations[3]).model.openSession(rows: 1)
        _ = try session.logits(someTokens(2000, below: 29), .none, vocabulary: 29)
        #expect(throws: SequenceModelError(.unimplemented, "transformer cannot go back from 2000 to 500")) {
            try session.rewind(to: 500)
        }
        #expect(session.position == 2000)
        try session.rewind(to: 0)
        #expect(session.position == 0)
    }

    @Test func statesOfOthersAreRefused() throws {
        let model = try open(Self.configurations[0])
        let session = try model.model.openSession(rows: 1)
        _ = try session.logits([1, 2, 3], .none, vocabulary: 29)
        let saved = try session.save()
        let other = try open(Self.configurations[1])
        #expect(throws: SequenceModelError(.dataLoss, "the saved state is of another model or configuration")) {
            _ = try other.model.loadSession(saved)
        }
        #expect(throws: SequenceModelError.self) { _ = try model.model.loadSession(saved.dropLast()) }
        #expect(throws: SequenceModelError.self) { _ = try model.model.loadSession([]) }
    }
}

extension [UInt8] {
    fileprivate func dropLast() -> [UInt8] { Array(self[..<(count - 1)]) }
}
