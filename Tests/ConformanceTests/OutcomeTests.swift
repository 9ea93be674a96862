import Conformance
import SequenceModel
import Testing

struct OutcomeTests {
    @Test("a result survives being written and read", arguments: TestOutcome.allCases)
    func coding(_ outcome: TestOutcome) throws {
        for seed in [0, 17, UInt64.max] {
            let result = TestResult(test: "causality", outcome: outcome, detail: "\"ü\"\n3", seed: seed)
            #expect(TestResult(try JSONParser.parse(result.json.description)) == result)
        }
    }

    @Test("what is no result is not read as one")
    func damaged() throws {
        for text in ["{}", "[]", #"{"test":"a","outcome":"fine","detail":"","seed":1}"#, #"{"test":"a","outcome":"passed","seed":1}"#] {
            #expect(TestResult(try JSONParser.parse(text)) == nil)
        }
    }
}
