import Evaluation
@testable import Experiments
import Foundation
import SequenceModel
import Testing

struct RefinementTests {
    /// Twelve steps that fill in one symbol each, from the end; the mask is 256.
    private func stages(steps: Int, symbols: [Int32]) -> [RefinementStage] {
        let prompt: [Int32] = [80, 58]
        var text = RefinedText(prompt: prompt, maskSymbol: 256)
        var recorder = RefinementRecorder(prompt: prompt)
        func take(_ event: GenerationEvent) {
            recorder.observe(event, before: text)
            let isApplied = text.apply(event)
            #expect(isApplied)
        }
        take(.append(Array(repeating: 256, count: symbols.count)))
        for step in 0 ..< steps {
            take(.step(index: step, count: steps))
            let place = symbols.count - 1 - step
            if place >= 0 { take(.replace(begin: prompt.count + place, symbols: [symbols[place]])) }
        }
        take(.done)
        recorder.finish(text)
        return recorder.stages
    }

    @Test func aHandfulOfStagesEvenly() {
        let stages = stages(steps: 12, symbols: Array("abcdefghijkl".utf8).map(Int32.init))
        #expect(stages.map(\.step) == [2, 4, 6, 8, 10, 12] && stages.allSatisfy { $0.steps == 12 })
        #expect(stages[0].parts == [.init(kind: .unknown, text: String(repeating: "░", count: 10)), .init(kind: .new, text: "kl")])
        #expect(stages[5].parts == [.init(kind: .new, text: "ab"), .init(kind: .kept, text: "cdefghijkl")])
    }

    @Test func fewStepsAreAllKept() {
        #expect(stages(steps: 3, symbols: [97, 98, 99]).map(\.step) == [1, 2, 3])
    }

    /// A character of several bytes that comes in two steps is torn by neither mark.
    @Test func charactersStayWhole() {
        let stages = stages(steps: 2, symbols: Array("ä".utf8).map(Int32.init))
        #expect(stages.last?.parts.map(\.text).joined() == "ä")
    }

    @Test func aModelWithoutStepsHasNoStages() {
        var recorder = RefinementRecorder(prompt: [1])
        let text = RefinedText(prompt: [1], maskSymbol: nil)
        recorder.observe(.append([2]), before: text)
        recorder.finish(text)
        #expect(recorder.stages.isEmpty)
    }

    /// Samples from before there were stages are read; stages survive the file.
    @Test func samplesInJSON() throws {
        let old = try JSONDecoder().decode(GeneratedSample.self, from: Data(#"{"prompt": "a", "text": "b"}"#.utf8))
        #expect(old == GeneratedSample(prompt: "a", text: "b"))
        let new = GeneratedSample(prompt: "a", text: "b", stages: [RefinementStage(step: 1, steps: 1, parts: [.init(kind: .new, text: "b")])])
        #expect(try JSONDecoder().decode(GeneratedSample.self, from: JSONEncoder().encode(new)) == new)
    }
}
