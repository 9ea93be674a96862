@testable import Experiments
import PluginHost
import SequenceModel
import Testing

/// `--vary`: what is allowed, what runs are told, and what becomes of their figures.
struct VariantTests {
    private let sizer = StubSizer { request in
        if request.settings.value["thoughts"]?.integerValue == 99 {
            return .refused(SizingRefusal(stage: .resolve, isFault: false, message: "thoughts is 99; allowed: 0 to 9"))
        }
        return .sized(StubSizer.matrix(request, width: 100))
    }

    private func plan(_ axes: [String], warn: (String) -> Void = { _ in }) throws -> ComparisonPlan {
        var request = StubSizer.request()
        request.variants = try axes.map { try VariantAxis($0) }
        return try sizer.plan(
            request, [StubSizer.candidate("thinker"), StubSizer.candidate("filler", capabilities: [.generates])], warn: warn)
    }

    private func refusal(_ axis: String) -> String? {
        message { _ = try plan([axis]) }.map { $0.text + ($0.hint.map { " | " + $0 } ?? "") }
    }

    @Test func everyRunIsToldItsModelsSettings() throws {
        let plan = try plan(["thinker.thoughts=0,1,4", "filler.steps=4,16", "sampler=ancestral"])
        #expect(plan.runs[0].variants == [0, 1, 4].map { VariantSetting(key: "thoughts", value: .integer($0)) })
        #expect(
            plan.runs[1].variants == [
                VariantSetting(key: "steps", value: .integer(4), isGeneration: true),
                VariantSetting(key: "steps", value: .integer(16), isGeneration: true),
                VariantSetting(key: "sampler", value: .string("ancestral"), isGeneration: true),
            ])
        // Another job than without, which keeps the hash that it always had.
        var plain = plan.runs[0]
        plain.variants = nil
        #expect(try plain.hash() != plan.runs[0].hash())
        #expect(try exampleJob().hash() == exampleJob().hash())
    }

    @Test func someModelsLackTheKey() throws {
        var warnings: [String] = []
        _ = try plan(["steps=4"]) { warnings.append($0) }
        #expect(warnings == ["--vary steps does not change thinker: no such key there"])
    }

    @Test func whatIsWrongIsSaid() {
        #expect(
            refusal("thinker.width=50")
                == "--vary thinker.width=50 changes the parameters: w would be [50, 50] instead of [100, 100]; --vary evaluates one set of weights"
                + " | train one model for each value: --set thinker.width=… in comparisons of their own")
        #expect(refusal("thinker.thoughts=99") == "--vary thinker.thoughts=99: thoughts is 99; allowed: 0 to 9")
        #expect(refusal("thinker.thougts=1") == "--vary thinker.thougts: thinker has no key thougts | did you mean thinker.thoughts?")
        #expect(refusal("thinker.ought=1") == "--vary thinker.ought: thinker has no key ought | keys with that in their name: thoughts")
        #expect(
            refusal("thinkr.thoughts=1")
                == "--vary thinkr.thoughts: thinkr is not compared; the models are thinker, filler | did you mean thinker.thoughts?")
        #expect(refusal("filler.steps=0") == "--vary filler.steps=0: steps of generation are whole numbers of at least 1")
        #expect(refusal("thoughts") == "--vary thoughts: expected KEY=VALUE,VALUE,… or MODEL.KEY=VALUE,VALUE,… | for example --vary ebt.inference_mcmc_steps=0,1,2,4")
        #expect(refusal("thoughts=1,,2") == "--vary thoughts=1,,2: a value is empty")
        #expect(refusal("thoughts=1,1") == "--vary thoughts=1,1: 1 is there twice")
        #expect(refusal(".thoughts=1") == "--vary .thoughts=1: the model or the key before '=' is empty")
    }

    @Test func tensorsAreComparedByNameShapeAndOrder() {
        func tensors(_ list: [(String, [Int])]) -> [DeclaredTensor] {
            list.map { DeclaredTensor(ParameterDeclaration(name: $0.0, shape: $0.1, initialiser: .zeros)) }
        }
        let trained = tensors([("a", [2]), ("b", [3, 4])])
        #expect(SizedModel.difference(trained, trained) == nil)
        #expect(SizedModel.difference(trained, tensors([("a", [2]), ("b", [4, 3])])) == "b would be [4, 3] instead of [3, 4]")
        #expect(SizedModel.difference(trained, tensors([("a", [2])])) == "b would be missing")
        #expect(SizedModel.difference(trained, tensors([("a", [2]), ("b", [3, 4]), ("c", [1])])) == "c would be there in addition")
        #expect(SizedModel.difference(trained, tensors([("b", [3, 4]), ("a", [2])])) == "they would come in another order")
    }

    private func figure(_ value: JSONValue, bits: Double?, trained: Bool = false) -> VariantFigure {
        var figure = VariantFigure(VariantSetting(key: "thoughts", value: value), isTrained: trained)
        figure.bitsPerByte = bits
        return figure
    }

    @Test func figuresAreMeansOverSeeds() throws {
        var rows = [exampleRow(seed: 1), exampleRow(seed: 2)]
        rows[0].variants = [figure(.integer(2), bits: 2, trained: true), figure(.integer(0), bits: 8), figure(.integer(10), bits: 3)]
        rows[1].variants = [figure(.integer(2), bits: 4, trained: true), figure(.integer(0), bits: 8), figure(.integer(10), bits: nil)]
        rows[1].variants[2].reason = "too slow"
        let summary = try #require(VariantSummary.summarise(rows).first)
        #expect(summary.model == "mamba" && summary.key == "thoughts" && summary.points.map(\.value) == ["0", "2", "10"])
        #expect(summary.points.map(\.isTrained) == [false, true, false])
        #expect(summary.points.map { $0.mean(\.bitsPerByte) } == [8, 3, 3])
        // Student's t with one degree of freedom times the standard error of 2 and 4, which is 1.
        #expect(abs((summary.points[1].halfWidth ?? 0) - 12.706) < 0.01 && summary.points[2].halfWidth == nil)
        #expect(summary.points[2].reasons == ["too slow"])
    }

    @Test func rowsKeepThem() throws {
        var row = exampleRow()
        row.variants = [figure(.null, bits: 2.25, trained: true), figure(.string("fast"), bits: nil)]
        row.matched = MatchFigure(value: 65_000, deviation: -0.01, proposedFor: 12_345)
        let text = try JSONFile.text(row)
        #expect(try JSONFile.decode(ResultRow.self, Array(text.utf8), from: "row") == row)
        #expect(row.problem == nil)
        // Rows from before there were variants have none.
        let old = text.replacing("\"variants\"", with: "\"something\"").replacing("\"matched\"", with: "\"other\"")
        let read = try JSONFile.decode(ResultRow.self, Array(old.utf8), from: "row")
        #expect(read.variants.isEmpty && read.matched == nil)
        row.variants[0].bitsPerByte = -1
        #expect(row.problem == "variants[0]: -1.0; allowed: finite, 0 or more")
    }
}
