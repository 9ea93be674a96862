@testable import Experiments
import Foundation
import Testing

struct RunHistoryTests {
    private func row(_ lines: [String]) throws -> ResultRow {
        let folder = try TemporaryFolder()
        let path = try folder.write(lines.map { $0 + "\n" }.joined(), "log.jsonl")
        var row = exampleJob().row()
        RunHistory.read(path).fill(&row)
        return row
    }

    private func step(_ step: Int, _ loss: Double, at seconds: Double? = nil) -> String {
        let time = seconds ?? Double(step)
        return
            "{\"step\": \(step), \"tokens\": \(step * 10), \"loss\": \(loss), \"seconds\": \(time), \"tokens_per_second\": \(100 + step)}"
    }

    private func validation(_ step: Int, _ loss: Double, at seconds: Double) -> String {
        "{\"step\": \(step), \"tokens\": \(step * 10), \"validation_loss\": \(loss), \"seconds\": \(seconds)}"
    }

    @Test func validationIsTheCurveWhereThereIsOne() throws {
        let row = try row([
            step(1, 5), step(2, 4), validation(2, 4.5, at: 4), step(3, 3), step(4, 2, at: 6), validation(4, 2.5, at: 6),
        ])
        #expect(row.curveSplit == "validation")
        #expect(
            row.curve == [
                CurvePoint(tokens: 20, bitsPerByte: 4.5 / log(2)), CurvePoint(tokens: 40, bitsPerByte: 2.5 / log(2)),
            ])
        #expect(row.curveSeconds == [4, 6] && row.seconds == 6 && row.trainTokens == 40)
        // The first step is left out: the median of 102, 103 and 104.
        #expect(row.trainTokensPerSecond == 103)
    }

    /// A resumed run says its steps again, from the checkpoint on.
    @Test func stepsThatAreSaidAgainReplaceTheOld() throws {
        let row = try row([
            step(1, 5), step(2, 4), step(3, 3), "{\"event\": \"resume\", \"from_step\": 1}", step(2, 4.5, at: 3),
            step(3, 3.5, at: 4),
        ])
        #expect(row.curve.map(\.tokens) == [10, 20, 30])
        #expect(row.curve.map { $0.bitsPerByte * log(2) }.map { ($0 * 10).rounded() / 10 } == [5, 4.5, 3.5])
        #expect(row.curveSeconds == [1, 3, 4])
    }

    @Test func rubbishIsPassedOver() throws {
        let row = try row([
            "", "not json", "[1]", "{\"step\": \"x\", \"loss\": 1}", "{\"step\": 1, \"loss\": null}", step(1, 5),
            "{\"step\": 2,",
        ])
        #expect(row.curve.map(\.tokens) == [10])
    }

    /// 1,000 steps become 160 means of about six steps each; the last point is the last step.
    @Test func longCurvesAreThinned() throws {
        let row = try row((1 ... 1000).map { step($0, 2) })
        #expect(row.curve.count == 160 && row.curve.last?.tokens == 10_000)
        #expect(row.curve.allSatisfy { abs($0.bitsPerByte - 2 / log(2)) < 1e-12 })
    }

    @Test func noLogIsNoCurve() {
        var row = exampleJob().row()
        RunHistory.read("/nowhere/log.jsonl").fill(&row)
        #expect(row.curve.isEmpty && row.trainTokens == 0 && row.seconds == nil)
    }
}
