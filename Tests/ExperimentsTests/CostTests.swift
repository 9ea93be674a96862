import Foundation
import Testing

@testable import Experiments

/// Costs against context: how they grow, where they cross, and what a million tokens would cost.
struct CostTests {
    private let contexts = [256, 1024, 4096, 16384, 65536]

    private func law(_ contexts: [Int]? = nil, _ value: (Double) -> Double) -> GrowthLaw? {
        GrowthLaw((contexts ?? self.contexts).map { ($0, value(Double($0))) })
    }

    private func curve(_ model: String, method: String = "", _ values: [Double?]) -> CostCurve {
        curve(model, .decoding, method: method, values)
    }

    private func curve(_ model: String, _ metric: CostMetric, method: String = "", _ values: [Double?]) -> CostCurve {
        CostCurve(
            model: model, metric: metric, method: method,
            points: zip(contexts, values).compactMap { context, value in value.map { .init(context: context, value: $0) } })
    }

    @Test func growthOfKnownForms() throws {
        let constant = try #require(law { _ in 82_739 })
        #expect(constant.shape == .constant && constant.value(at: 1e6) == 82_739 && constant.text == "constant")
        for power in [0.5, 1, 2] {
            let found = try #require(law { 3e-5 * pow($0, power) })
            #expect(found.shape == .power, "\(found)")
            #expect(abs(found.exponent.estimate - power) < 1e-9 && found.exponent.width < 1e-6)
            #expect(abs(found.value(at: 1e6) / (3e-5 * pow(1e6, power)) - 1) < 1e-6)
            // ∫ 3e-5 T^p = 3e-5 T^(p+1) / (p+1)
            #expect(abs(found.total(to: 1e6) / (3e-5 * pow(1e6, power + 1) / (power + 1)) - 1) < 1e-6)
        }
        // A constant part as large as the growing one at 4,000 tokens: a line would say T^0.5.
        for power in [1.0, 2.0] {
            let found = try #require(law { 1e-3 * (1 + pow($0 / 4000, power)) })
            #expect(found.shape == .offset, "\(found)")
            #expect(found.exponent.contains(power), "\(found.exponent)")
            #expect(abs((found.knee ?? 0) / 4000 - 1) < 0.05)
            #expect(abs(found.constant / 1e-3 - 1) < 0.02)
        }
        #expect(law([256, 1024]) { $0 } == nil)
        #expect(law { $0 - 256 } == nil)
        #expect(law { _ in .nan } == nil)
        #expect(GrowthLaw([]) == nil)
    }

    /// Noise of two per cent: the interval holds the exponent, and so does what is said of a falling cost.
    @Test func growthUnderNoise() throws {
        let noise = [1.02, 0.985, 1.01, 0.99, 1.015]
        let found = try #require(GrowthLaw(zip(contexts, noise).map { ($0, 1e-6 * Double($0) * $1) }))
        #expect(found.shape == .power && found.exponent.contains(1) && found.exponent.width < 0.1, "\(found)")
        let flat = try #require(GrowthLaw(zip(contexts, noise).map { ($0, 1e-4 * $1) }))
        #expect(flat.shape == .constant)
        let falling = try #require(law { 1 / $0.squareRoot() })
        #expect(falling.shape == .power && abs(falling.exponent.estimate + 0.5) < 1e-9)
    }

    @Test func crossovers() throws {
        // 1 ms whatever the context against 1 ms at 2,048 tokens, in proportion.
        let steady = curve("mamba", contexts.map { _ in 1e-3 })
        let growing = curve("transformer", contexts.map { 1e-3 * Double($0) / 2048 })
        for pair in [Crossover.between(steady, growing), Crossover.between(growing, steady)] {
            let found = try #require(pair.first)
            #expect(pair.count == 1 && found.better == "mamba" && abs((found.context ?? 0) - 2048) < 1)
            #expect(found.sentence == "from 2k tokens on, mamba decodes faster than transformer")
        }
        let always = try #require(Crossover.between(steady, curve("lstm", contexts.map { _ in 2e-3 })).first)
        #expect(always.sentence == "at every context from 256 to 64k tokens, mamba decodes faster than lstm")
        // Within the margin everywhere: nothing is said. Equal at some contexts: those decide nothing.
        #expect(Crossover.between(steady, curve("s4d", contexts.map { _ in 1.04e-3 })).isEmpty)
        let touching = Crossover.between(steady, curve("s4d", [1e-3, 1.01e-3, 1e-3, 3e-3, 4e-3]))
        #expect(touching.count == 1 && touching[0].context == nil && touching[0].better == "mamba")
        // There and back again.
        let twice = Crossover.between(steady, curve("hyena", [0.5e-3, 2e-3, 2e-3, 2e-3, 0.5e-3]))
        #expect(twice.map(\.better) == ["mamba", "hyena"])
        #expect(abs((twice[0].context ?? 0) - 512) < 1 && abs((twice[0].end ?? 0) - 32768) < 50 && twice[1].end == nil)
        #expect(twice[0].sentence == "from 512 to 32k tokens, mamba decodes faster than hyena")
        // Different ways of making tokens, one common context, other metrics.
        #expect(Crossover.between(steady, curve("diffusion", method: "sampler", contexts.map { _ in 1 })).isEmpty)
        #expect(Crossover.between(steady, curve("short", [1, nil, nil, nil, nil])).isEmpty)
        #expect(Crossover.between(steady, curve("mamba2", .state, contexts.map { _ in 1 })).isEmpty)
        // Contexts that only one of them reached do not count.
        let cut = Crossover.between(steady, curve("transformer", [0.1e-3, 0.2e-3, nil, nil, nil]))
        #expect(cut.first?.contexts == [256, 1024] && cut.first?.better == "transformer" && cut.first?.context == nil)
    }

    @Test func aMillionTokens() throws {
        let curves = [
            curve("transformer", .state, contexts.map { 4096 * Double($0) + 200 }),
            curve("transformer", .reading, contexts.map { 1e-9 * Double($0) }),
            curve("transformer", .decoding, contexts.map { 1e-3 + 1e-7 * Double($0) }),
            curve("mamba", .state, contexts.map { _ in 82_739 }),
            curve("mamba", .decoding, contexts.map { _ in 1e-3 }),
            curve("short", .decoding, [1e-3, 2e-3, nil, nil, nil]),
            curve("wild", .decoding, [1e-3, 9e-3, 2e-3, 30e-3, 5e-3]),
            curve("diffusion", .decoding, method: CostCurves.sampler, contexts.map { Double($0) }),
        ]
        let found = Dictionary(
            uniqueKeysWithValues: CostCurves(curves, pricePerHour: 0.1).longContext.map { ($0.model, $0) })
        let count = Double(1 << 20)
        let transformer = try #require(found["transformer"])
        #expect(abs((transformer.stateBytes ?? 0) / (4096 * count) - 1) < 0.01)
        #expect(abs((transformer.readingSeconds ?? 0) / (1e-9 * count * count / 2) - 1) < 1e-6)
        #expect(abs((transformer.writingSeconds ?? 0) / (1e-3 * count + 1e-7 * count * count / 2) - 1) < 0.03)
        #expect(abs((transformer.readingMoney ?? 0) - (transformer.readingSeconds ?? 0) / 36_000) < 1e-9)
        let mamba = try #require(found["mamba"])
        #expect(mamba.stateBytes == 82_739 && abs((mamba.writingSeconds ?? 0) - 1e-3 * count) < 1e-6)
        #expect(mamba.readingSeconds == nil && mamba.readingMoney == nil && mamba.reasons.isEmpty)
        #expect(found["short"]?.writingSeconds == nil)
        #expect(found["short"]?.reasons == ["seconds for a new token: measured at 2 contexts, and a law needs three"])
        #expect(found["wild"]?.writingSeconds == nil)
        #expect(found["wild"]?.reasons.first?.hasSuffix("too vague to carry on") == true)
        #expect(found["diffusion"]?.writingSeconds == nil && found["diffusion"]?.reasons.count == 1)
        // Without a price there is no money.
        #expect(CostCurves(curves).longContext.allSatisfy { $0.writingMoney == nil })
    }

    @Test func whatAComparisonMeasured() throws {
        var rows: [ResultRow] = []
        for (model, rate, state): (String, (Double) -> Double, (Int) -> Int) in [
            ("transformer", { 6000 / (1 + $0 / 1500) }, { $0 * 2048 }), ("mamba", { _ in 2200 }, { _ in 180_000 }),
        ] {
            for seed in 1 ... 2 {
                var row = exampleRow(model, seed: UInt64(seed))
                row.decode = [256, 1024, 4096, 16384].map {
                    DecodeFigure(context: $0, tokensPerSecond: rate(Double($0)), stateBytes: state($0))
                }
                rows.append(row)
            }
        }
        let found = CostCurves(exampleResults(rows))
        #expect(found.curves.map(\.model) == ["transformer", "transformer", "mamba", "mamba"])
        let sentences = found.crossovers.map(\.sentence)
        #expect(
            sentences == [
                "from 2.3k tokens on, mamba decodes faster than transformer", "at every context from 256 to 16k tokens, mamba keeps less state than transformer",
            ])
        #expect(found.longContext.map(\.model) == ["transformer", "mamba"])
        // The row of an example has figures at two contexts, one of them without a rate.
        #expect(CostCurves(exampleResults([exampleRow()])).curves.first?.gaps.map(\.reason) == ["too long"])
        #expect(CostCurves(exampleResults([])).curves.isEmpty)
    }

    @Test func numbersAreWrittenForPeople() {
        #expect([640, 2048, 3174, 1_048_576, 10_240, 1023.7, 255.6].map { CostText.context($0) } == ["640", "2k", "3.1k", "1M", "10k", "1k", "256"])
        #expect(CostMetric.decoding.text(1.5e-3) == "1.5 ms" && CostMetric.decoding.text(2.5e-6) == "2.5 µs" && CostMetric.reading.text(12) == "12 s")
        #expect(CostMetric.state.text(1536) == "1.50 KiB")
        #expect(CostText.money(12.3) == "12.30" && CostText.money(0.00123) == "0.00123")
        #expect(ScalingText.operations(1.2e13) == "1.2e13" && ScalingText.percent(-0.0123) == "-1.2 %")
    }
}
