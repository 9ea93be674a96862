import Foundation
import SequenceModel
import Testing

@testable import PluginHost

/// Where BLT cuts a text, and that it never looks ahead.
@Suite struct BltPatchingTests {
    private static let symbols = 23

    private static func configuration(_ more: [(String, JSONValue)] = []) -> JSONValue {
        func stack(_ width: Int64, _ layers: Int64) -> JSONValue {
            .object([
                "hidden_size": .integer(width), "num_hidden_layers": .integer(layers), "num_attention_heads": .integer(2),
                "intermediate_size": .integer(24),
            ])
        }
        var object: JSONObject = [
            "vocab_size": .integer(Int64(symbols)), "encoder_config": stack(16, 1), "decoder_config": stack(16, 2),
            "global_config": stack(32, 2), "patcher_config": stack(16, 1), "local_attention_window_len": .integer(9),
            "encoder_hash_byte_group_vocab": .integer(11),
        ]
        for (key, value) in more { object[key] = value }
        return .object(object)
    }

    private func open(_ more: [(String, JSONValue)] = []) throws -> BoundModel {
        try BoundModel(PluginLibrary.factory("ByteLevel", "blt"), BltPatchingTests.configuration(more))
    }

    private func probe(_ name: String, _ model: BoundModel, _ tokens: [Int32], rows: Int = 1) throws -> [Double] {
        let probed = try #require(model.model as? any ProbedModel)
        let batch = Batch(rows: rows, length: tokens.count / rows, tokens: tokens, targets: tokens)
        return try probed.call(TestedProbe(ModelProbe.named(name, in: probed.probes, of: "blt")), [.batch(batch)]).written[0]
    }

    private func ends(_ model: BoundModel, _ tokens: [Int32]) throws -> [Int] {
        let shares = try probe("border_by_position", model, tokens)
        return shares.indices.filter { shares[$0] == 1 }
    }

    /// A model with about half as many patches as bytes in `tokens`, its threshold away from every entropy there.
    private func ofMiddlingThreshold(_ tokens: [Int32], _ more: [(String, JSONValue)] = []) throws -> BoundModel {
        let entropies = try probe("entropy_by_position", open(more), tokens).prefix(tokens.count).sorted()
        let middle = entropies.count / 3 ..< 2 * entropies.count / 3
        let place = try #require(middle.max { entropies[$0 + 1] - entropies[$0] < entropies[$1 + 1] - entropies[$1] })
        return try open(more + [("patching_threshold", .number((entropies[place] + entropies[place + 1]) / 2))])
    }

    @Test(arguments: [30, 100]) func laterBytesMoveNoBorderAndNoLogitBefore(_ length: Int) throws {
        let tokens = someTokens(length, below: BltPatchingTests.symbols)
        let model = try ofMiddlingThreshold(tokens)
        let before = (try ends(model, tokens), try model.logits(tokens, rows: 1))
        #expect(before.0.count > length / 4 && before.0.count < 3 * length / 4, "\(before.0)")
        var moved = false
        for place in [length - 1, length / 2, length / 3, 1] {
            for shift in 1 ..< 6 {
                var edited = tokens
                edited[place] = (edited[place] + Int32(shift)) % Int32(BltPatchingTests.symbols)
                let after = (try ends(model, edited), try model.logits(edited, rows: 1))
                #expect(after.0.filter { $0 < place } == before.0.filter { $0 < place })
                moved = moved || after.0 != before.0
                let rows = place * BltPatchingTests.symbols
                #expect(after.1[..<rows] == before.1[..<rows], "bits before position \(place)")
                #expect(after.1[rows...] != before.1[rows...])
            }
        }
        #expect(moved, "no edit moved a border: the test shows nothing")
    }

    /// Rows whose patches end elsewhere read side by side what they read alone, and in a session, whatever its pieces.
    @Test func raggedRowsReadWhatTheyReadAlone() throws {
        let (length, symbols) = (40, BltPatchingTests.symbols)
        let tokens = someTokens(3 * length, below: symbols)
        let model = try ofMiddlingThreshold(tokens)
        let lines = (0 ..< 3).map { Array(tokens[$0 * length ..< ($0 + 1) * length]) }
        #expect(Set(try lines.map { try ends(model, $0).count }).count > 1, "rows of equal patches show nothing")
        let together = try model.logits(tokens, rows: 3)
        for (row, line) in lines.enumerated() {
            let alone = try model.logits(line, rows: 1)
            #expect(largestDifference(Array(together[row * length * symbols ..< (row + 1) * length * symbols]), alone) <= 2e-5)
        }
        for cuts in [[0, 1, 2, 3, 17, 18, 40], [0, 13, 14, 39, 40], Array(0 ... 40)] {
            let session = try model.model.openSession(rows: 3)
            for (begin, end) in zip(cuts, cuts.dropFirst()) {
                let got = try session.logits(lines.flatMap { $0[begin ..< end] }, .all, vocabulary: symbols)
                for row in 0 ..< 3 {
                    let expected = Array(together[(row * length + begin) * symbols ..< (row * length + end) * symbols])
                    let count = (end - begin) * symbols
                    #expect(largestDifference(Array(got[row * count ..< (row + 1) * count]), expected) <= 2e-5)
                }
            }
        }
    }

    @Test func fixedPatchesHaveTheirLength() throws {
        let model = try open([("patching_mode", .string("fixed")), ("patch_size", .integer(4))])
        #expect(!model.memory.declarations.contains { $0.name.hasPrefix("model.patcher") })
        #expect(try ends(model, someTokens(15, below: 23)) == [0, 4, 8, 12])
        #expect(try probe("patch_length", model, someTokens(15, below: 23)) == [13.0 / 4])
    }

    @Test func spacesEndPatchesThatHoldAWord() throws {
        for offset in [0, 4] {
            let model = try open([
                ("patching_mode", .string("space")), ("vocab_size", .integer(Int64(256 + offset))), ("byte_offset", .integer(Int64(offset))),
            ])
            let text = "An é is,  two bytes\n1. "
            let found = try ends(model, text.utf8.map { Int32($0) })
            // "A|n |é| is,|  two| bytes|\n1.| ": É's first byte ends a patch that holds no word only with what follows.
            var expected: [Int] = []
            var hasWord = false
            for (index, byte) in text.utf8.enumerated() {
                let isWord = (0x80 ... 0xBF ~= byte) || (byte < 0x80 && (Character(UnicodeScalar(byte)).isLetter || Character(UnicodeScalar(byte)).isNumber))
                hasWord = hasWord || isWord
                if index == 0 || (!isWord && hasWord) {
                    expected.append(index)
                    hasWord = false
                }
            }
            #expect(found == expected)
            #expect(found.count > 4)
        }
    }

    @Test func aPatchOfTheGreatestLengthEnds() throws {
        let model = try open([("patching_threshold", .number(1000)), ("max_patch_length", .integer(3))])
        #expect(try ends(model, someTokens(12, below: 23)) == [0, 3, 6, 9])
        let endless = try open([("patching_threshold", .number(1000))])
        #expect(try ends(endless, someTokens(12, below: 23)) == [0])
        let restless = try open([("patching_threshold", .number(-1))])
        #expect(try ends(restless, someTokens(12, below: 23)) == Array(0 ..< 12))
    }

    /// The patcher's loss is its own nats, by its weight; neither part has a slope in the other's parameters.
    @Test func thePatcherLearnsFromItsOwnLoss() throws {
        let tokens = someTokens(24, below: 23)
        let batch = Batch(rows: 1, length: 24, tokens: tokens, targets: Array(tokens.dropFirst()) + [-1])
        var results: [(loss: Double, score: Double, slopes: [String: [Double]])] = []
        for weight in [0, 1, 2] {
            let model = try open([("patcher_loss_weight", .integer(Int64(weight)))])
            let loss = try model.model.lossAndGradient(batch)
            let score = try model.model.score(batch, samples: 1).nats.reduce(0) { $0 + Double($1) } / 23
            var slopes: [String: [Double]] = [:]
            for index in model.memory.ownIndices { slopes[model.memory.declarations[index].name] = try model.gradient(index) }
            results.append((loss, score, slopes))
        }
        #expect(abs(results[0].loss - results[0].score) < 1e-5)
        #expect(abs(results[2].loss - results[2].score - 2 * (results[1].loss - results[1].score)) < 1e-4)
        #expect(results[1].loss - results[1].score > 1)
        for (name, slope) in results[1].slopes {
            let isPatcher = name.hasPrefix("model.patcher.")
            let twice = try #require(results[2].slopes[name])
            #expect(relativeError(twice, slope.map { isPatcher ? 2 * $0 : $0 }) < 1e-5, "\(name)")
            if !isPatcher { #expect(results[0].slopes[name] == slope, "\(name)") }
        }
    }

    /// Windows of the local models, one entry for each patch that has ended, the open patch.
    @Test func stateIsWhatTheCardSays() throws {
        let tokens = someTokens(50, below: 23)
        let model = try ofMiddlingThreshold(tokens, [("max_patch_length", .integer(6))])
        let ends = try ends(model, tokens)
        for length in [1, 7, 20, 50] {
            let session = try model.model.openSession(rows: 1)
            _ = try session.logits(Array(tokens.prefix(length)), .last, vocabulary: 23)
            let closed = ends.filter { $0 < length }
            let window = min(length, 8)  // 9 with the byte at hand
            let local = (1 + 2) * (8 + 2 * 16 * 4 * window)  // encoder and decoder
            let patcher = 8 + 2 * 16 * 4 * length  // sees 512
            let global = 2 * (8 + 2 * 32 * 4 * closed.count)
            let open = length - 1 - (closed.last ?? -1)
            #expect(session.stateBytes == local + patcher + global + 2 * 16 * 4 + 16 + open * 16 * 4 + 7 * 8)
            #expect(try session.save().count == session.stateBytes + 64)
        }
    }
}
