import Evaluation
import Foundation
import PluginHost
import SequenceModel
import Testing

/// A text in one piece through a session, against what is known in closed form.
struct SessionScoreTests {
    /// Symbols 0, 1, 2, … with one that is out of order.
    private let bytes: [UInt8] = (0 ..< 300).map { UInt8($0 % 16) } + [3]

    @Test(arguments: [1, 7, 256, 1000]) func everyByteButTheFirst(chunk: Int) throws {
        let model = AnalyticModel(alphabet: 16, maskSymbol: 16)
        let session = try model.openSession(rows: 1)
        var calls: [Int] = []
        let score = try SessionScore.measure(session, of: model, bytes: bytes[...], chunk: chunk) { calls.append($0) }
        let expected = (1 ..< bytes.count).map { model.nats(of: Int32(bytes[$0]), after: Int32(bytes[$0 - 1])) }
        #expect(score.nats.count == 300 && calls.last == 300)
        #expect(zip(score.nats, expected).allSatisfy { abs($0 - $1) < 1e-6 })
        #expect(abs(score.bitsPerByte - expected.reduce(0, +) / 300 / log(2)) < 1e-6)
        #expect(abs(score.bitsPerByte(first: 10) - -log2(0.75)) < 1e-6)
        #expect(session.position == 300 && score.beginnings == [64, 256, 300])
    }

    @Test func whatCannotBeIsSaid() throws {
        func refusal(_ model: AnalyticModel, _ bytes: [UInt8]) -> String? {
            do {
                _ = try SessionScore.measure(model.openSession(rows: 1), of: model, bytes: bytes[...])
                return nil
            } catch { return (error as? ZooError)?.message }
        }
        #expect(refusal(AnalyticModel(), [1]) == "1 bytes to score; at least 2 are needed: the first is context, the rest are predicted")
        #expect(
            refusal(AnalyticModel(maximumTokens: 100), bytes)
                == "0 symbols read and 301 more; analytic takes at most 100 in one piece")
        #expect(refusal(AnalyticModel(alphabet: 8), bytes) == "byte 8 at offset 8 is not in the alphabet of analytic: 0 to 7")
        let broken = AnalyticModel(certainty: .nan)
        #expect(refusal(broken, bytes) == "analytic gave nan nats for the byte at offset 1")
    }
}
