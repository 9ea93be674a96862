import PluginHost
import SequenceModel
import Testing

@testable import Evaluation

@Suite("Rows of symbols from JSON")
struct TokenRowsTests {
    static let shape = ModelShape(vocabulary: 11, alphabet: 10, maskSymbol: 10, maximumTokens: 4)

    @Test("a list of lists is read in order")
    func reads() throws {
        let rows = try TokenRows(json: Array("[[1, 2, 3], [9,0,10]]".utf8), shape: Self.shape)
        #expect(rows.rows == 2)
        #expect(rows.length == 3)
        #expect(rows.symbols == [1, 2, 3, 9, 0, 10])
        #expect(rows.holdsMask)
        #expect(try !TokenRows(json: Array("[[1]]".utf8), shape: Self.shape).holdsMask)
    }

    @Test(
        "what is wrong is named with its place",
        arguments: [
            ("[[1, -2]]", "row 0, position 1: symbol -2; allowed: 0 to 9 and the mask 10"),
            ("[[1], [11]]", "row 1, position 0: symbol 11; allowed: 0 to 9 and the mask 10"),
            (
                "[[1, 9223372036854775807]]",
                "row 0, position 1: symbol 9223372036854775807; allowed: 0 to 9 and the mask 10"
            ),
            ("[[1, 2], [3]]", "row 1 has 1 symbols and row 0 has 2; all must have as many"),
            ("[[1, 2.5]]", "row 0, position 1: a number where a whole number was expected"),
            ("[[1, \"2\"]]", "row 0, position 1: a string where a whole number was expected"),
            ("[[1, null]]", "row 0, position 1: null where a whole number was expected"),
            ("[[1, true]]", "row 0, position 1: a boolean where a whole number was expected"),
            ("[[[1]]]", "row 0, position 0: an array where a whole number was expected"),
            ("[1, 2]", "row 0 is an integer where a list of symbols was expected"),
            ("{\"a\": 1}", "an object where a list of rows was expected"),
            ("[]", "no rows"),
            ("[[]]", "row 0 is empty"),
            ("[[1,2,3,4,5]]", "rows have 5 symbols; this model takes at most 4"),
        ])
    func refuses(json: String, message: String) throws {
        let error = #expect(throws: ZooError.self) {
            try TokenRows(json: Array(json.utf8), shape: Self.shape, source: "ids.json")
        }
        #expect(error?.message == "ids.json: " + message)
        #expect(error?.code == .data)
    }

    @Test(
        "text that is not JSON says where",
        arguments: ["", "[[1, 2]", "[[1, 2],]", "[[01]]", "[[1]] x", "\u{FEFF}[[1]]"])
    func notJSON(json: String) {
        let error = #expect(throws: ZooError.self) {
            try TokenRows(json: Array(json.utf8), shape: Self.shape, source: "ids.json")
        }
        #expect(error?.message.hasPrefix("ids.json: ") == true)
        #expect(error?.code == .data)
    }

    @Test("rows are scored like text, every symbol but the first of its row", arguments: [false, true])
    func scores(inPlace: Bool) throws {
        let model = AnalyticModel(alphabet: 10, capabilities: inPlace ? [.targetsInPlace] : [.causal])
        let rows = try TokenRows(json: Array("[[1,2,3],[3,3,4],[0,9,0]]".utf8), shape: model.shape)
        let score = try TokenScore.measure(model, rows: rows, options: ScoringOptions(batch: 2))
        let expected: Double = [(1, 2), (2, 3), (3, 3), (3, 4), (0, 9), (9, 0)].reduce(0) {
            $0 + model.nats(of: Int32($1.1), after: Int32($1.0))
        }
        #expect(score.symbolsScored == 6)
        #expect(abs(try #require(score.nats) - expected / 6) < 1e-6)
        #expect(score.standardError == nil)
    }

    @Test("rows with a mask, or of one symbol, are not scored")
    func unscored() throws {
        let model = AnalyticModel(alphabet: 10, capabilities: [.targetsInPlace], maskSymbol: 10)
        for json in ["[[1, 10, 3]]", "[[1],[2]]"] {
            let rows = try TokenRows(json: Array(json.utf8), shape: model.shape)
            #expect(try TokenScore.measure(model, rows: rows).nats == nil)
        }
    }

    @Test("logits of all rows come in order, whatever the batch", arguments: [1, 2, 5])
    func logits(batch: Int) throws {
        let model = AnalyticModel(alphabet: 10)
        let rows = try TokenRows(json: Array("[[1,2],[3,3],[0,9]]".utf8), shape: model.shape)
        let logits = try TokenScore.logits(model, rows: rows, batch: batch)
        #expect(logits.count == 3 * 2 * 10)
        for (index, symbol) in rows.symbols.enumerated() {
            for next in 0 ..< 10 {
                #expect(logits[index * 10 + next] == Float(-model.nats(of: Int32(next), after: symbol)))
            }
        }
    }
}
