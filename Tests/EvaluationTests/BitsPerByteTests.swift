import PluginHost
import SequenceModel
import Testing

@testable import Evaluation

@Suite("Bits per byte")
struct BitsPerByteTests {
    /// 0, 1, 2, … with every tenth byte out of order.
    static func text(_ count: Int) -> [UInt8] {
        (0 ..< count).map { UInt8(truncatingIfNeeded: $0 % 10 == 9 ? $0 + 77 : $0) }
    }

    /// Nats of all bytes but the first, each after the one before it.
    static func analyticNats(_ model: AnalyticModel, _ bytes: [UInt8]) -> Double {
        zip(bytes, bytes.dropFirst()).reduce(0) { $0 + model.nats(of: Int32($1.1), after: Int32($1.0)) }
    }

    @Test(
        "an exact model gets its analytic value, whatever the windows",
        arguments: [(2, 1), (3, 1), (64, 63), (65, 64), (66, 64), (1000, 64), (1000, 7), (1000, 2000)])
    func exact(count: Int, context: Int) throws {
        let bytes = Self.text(count)
        for capabilities: Capabilities in [[.causal], [.targetsInPlace]] {
            for batch in [1, 3, 16] {
                let model = AnalyticModel(capabilities: capabilities)
                let result = try BitsPerByte.measure(
                    model, bytes: bytes[...], options: ScoringOptions(context: context, batch: batch))
                let expected = Self.analyticNats(model, bytes) / Double(count - 1)
                #expect(abs(result.nats - expected) < 1e-6)
                #expect(abs(result.bitsPerByte - expected / logarithm(2)) < 2e-6)
                #expect(result.bytesScored == count - 1)
                #expect(result.windows == (count - 1 + context - 1) / context)
                #expect(result.likelihood == .exact)
                #expect(result.standardError == nil)
                #expect(result.replicates == 1)
            }
        }
    }

    @Test("every byte but the first is a target once, after the byte that stands before it", arguments: [false, true])
    func denominators(inPlace: Bool) throws {
        let bytes = Self.text(333)
        let windows = ScoringWindows(bytes: bytes[...], context: 50, inPlace: inPlace)
        var targets: [UInt8] = []
        for group in windows.groups(of: 4) {
            let batch = windows.batch(group, key: RandomKey(seed: 0))
            #expect(batch.tokens.count == batch.rows * batch.length)
            #expect(batch.rows == group.count)
            for (index, target) in batch.targets.enumerated() where target >= 0 {
                targets.append(UInt8(target))
                if inPlace { #expect(batch.tokens[index] == target) }
            }
        }
        #expect(targets == Array(bytes.dropFirst()))
    }

    @Test("a slice that does not begin at 0 is scored like a copy of it")
    func slices() throws {
        let bytes = Self.text(500)
        let options = ScoringOptions(context: 32, batch: 4)
        let slice = try BitsPerByte.measure(AnalyticModel(), bytes: bytes[123 ..< 456], options: options)
        let copy = try BitsPerByte.measure(AnalyticModel(), bytes: Array(bytes[123 ..< 456])[...], options: options)
        #expect(slice == copy)
        #expect(slice.bytesScored == 332)
    }

    @Test("the standard error of a bound is that of its noise, measured over independent keys")
    func standardError() throws {
        let bytes = Self.text(64 * 400 + 1)
        let model = AnalyticModel(likelihood: .upperBound)
        model.noise = 3
        let replicates = 3
        let result = try BitsPerByte.measure(
            model, bytes: bytes[...], options: ScoringOptions(context: 64, batch: 4, replicates: replicates))
        // 400 rows, each with noise of standard deviation 3 in every replicate, averaged over the replicates.
        let bytesScored = Double(result.bytesScored)
        let expected = 3 * (400 / Double(replicates)).squareRoot() / bytesScored / logarithm(2)
        let measured = try #require(result.standardError)
        // 100 groups × 2 degrees of freedom: the estimate has a relative standard deviation of 5 %.
        #expect(abs(measured / expected - 1) < 0.2)
        let exact = Self.analyticNats(model, bytes) / bytesScored / logarithm(2)
        #expect(abs(result.bitsPerByte - exact) < 4 * expected)
        #expect(result.bitsPerByte != exact)
        #expect(result.replicates == replicates)
        #expect(result.estimator == "noise")
        #expect(Set(model.scored.map(\.key)).count == model.scored.count)
    }

    @Test("one replicate gives no standard error, and the same key the same figure")
    func keys() throws {
        func measure(_ seed: UInt64, _ replicates: Int) throws -> BitsPerByte {
            let model = AnalyticModel(likelihood: .upperBound)
            model.noise = 1
            return try BitsPerByte.measure(
                model, bytes: Self.text(300)[...],
                options: ScoringOptions(context: 16, batch: 2, replicates: replicates, key: RandomKey(seed: seed)))
        }
        #expect(try measure(1, 1).standardError == nil)
        #expect(try measure(1, 2) == measure(1, 2))
        #expect(try measure(1, 2) != measure(2, 2))
    }

    @Test("the spread of groups adds up")
    func spread() {
        let spread = ReplicateSpread([[1, 3], [10, 14]])
        #expect(spread.mean == 14)
        // s² of the groups: 2 and 8; over R = 2: 1 + 4.
        #expect(spread.standardError == 5.0.squareRoot())
        #expect(ReplicateSpread([[1], [2]]).standardError == nil)
    }

    @Test("progress counts windows over all replicates and may stop the measurement")
    func progress() throws {
        struct Stop: Error {}
        let model = AnalyticModel(likelihood: .upperBound)
        var seen: [Int] = []
        var total = 0
        _ = try BitsPerByte.measure(model, bytes: Self.text(101)[...], options: ScoringOptions(context: 10, batch: 4)) {
            seen.append($0)
            total = $1
        }
        #expect(seen == [4, 8, 10, 14, 18, 20])
        #expect(total == 20)
        #expect(throws: Stop.self) {
            try BitsPerByte.measure(model, bytes: Self.text(101)[...]) { _, _ in throw Stop() }
        }
    }

    static func message(_ body: () throws -> Void) -> (ZooError.Code, String)? {
        do { try body() } catch let error as ZooError { return (error.code, error.message) } catch {}
        return nil
    }

    @Test("what cannot be scored is refused with one message")
    func refusals() throws {
        func refusal(
            _ model: AnalyticModel, _ bytes: [UInt8], _ options: ScoringOptions = ScoringOptions()
        ) -> (ZooError.Code, String)? {
            Self.message { _ = try BitsPerByte.measure(model, bytes: bytes[...], options: options) }
        }
        let text = Self.text(100)
        let none = try #require(refusal(AnalyticModel(likelihood: .none), text))
        #expect(none == (.plugin, "analytic has no likelihood: bits per byte do not exist for it"))
        let empty = try #require(refusal(AnalyticModel(), [1]))
        #expect(
            empty == (.data, "1 bytes to score; at least 2 are needed: the first is context, the rest are predicted"))
        let long = try #require(refusal(AnalyticModel(maximumTokens: 20), text, ScoringOptions(context: 21)))
        #expect(long == (.usage, "a window of 21 bytes is 21 tokens for analytic, which takes at most 20"))
        let inPlace = AnalyticModel(capabilities: [.targetsInPlace], maximumTokens: 20)
        #expect(refusal(inPlace, text, ScoringOptions(context: 20))?.0 == .usage)
        #expect(refusal(inPlace, text, ScoringOptions(context: 19)) == nil)
        let alphabet = try #require(refusal(AnalyticModel(alphabet: 50), text))
        #expect(alphabet == (.data, "byte 86 at offset 9 is not in the alphabet of analytic: 0 to 49"))
        let context = try #require(refusal(AnalyticModel(), text, ScoringOptions(context: 0)))
        #expect(context == (.usage, "context is 0; it must be at least 1"))
        #expect(refusal(AnalyticModel(), text, ScoringOptions(batch: 0))?.0 == .usage)
        #expect(refusal(AnalyticModel(), text, ScoringOptions(samples: -1))?.0 == .usage)
        #expect(refusal(AnalyticModel(), text, ScoringOptions(replicates: 0))?.0 == .usage)
    }

    @Test("nats that cannot be are the plugin's fault, with the offset", arguments: [Float.nan, .infinity, -0.5])
    func impossibleNats(nats: Float) throws {
        let model = AnalyticModel()
        model.forcedNats = nats
        let (code, message) = try #require(
            Self.message { _ = try BitsPerByte.measure(model, bytes: Self.text(9)[...]) })
        #expect(code == .plugin)
        #expect(message.hasPrefix("analytic gave \(nats) nats for the symbol at offset 1; "))
        let bound = AnalyticModel(likelihood: .upperBound)
        bound.forcedNats = nats
        let refused = Self.message { _ = try BitsPerByte.measure(bound, bytes: Self.text(9)[...]) }
        // A single estimate of a bound may be negative; it may not be infinite.
        #expect((refused == nil) == nats.isFinite)
    }
}
