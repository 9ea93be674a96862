@testable import Experiments
import Foundation
import Testing

@Suite struct PairedComparisonTests {
    private func rows(_ model: String, _ bits: [Double], likelihood: LikelihoodKind = .exact) -> [ResultRow] {
        bits.enumerated().map { exampleRow(model, seed: UInt64($0.offset + 1), bits: $0.element, likelihood: likelihood) }
    }

    /// Closed forms for one, two and four degrees of freedom, and the density integrated by Simpson's rule for nine and forty.
    @Test func chancesOfStudentsT() {
        for t in [0.01, 0.5, 2, 4.303, 60] {
            #expect(abs(StudentT.twoSided(t, degreesOfFreedom: 1) - (1 - 2 / Double.pi * atan(t))) < 1e-13)
            #expect(abs(StudentT.twoSided(t, degreesOfFreedom: 2) - (1 - t / (2 + t * t).squareRoot())) < 1e-13)
            let s = t / (4 + t * t).squareRoot()
            #expect(abs(StudentT.twoSided(t, degreesOfFreedom: 4) - (1 - s * (1.5 - s * s / 2))) < 1e-12)
        }
        #expect(abs(StudentT.twoSided(3, degreesOfFreedom: 9) - 0.014956363910425) < 1e-12)
        #expect(abs(StudentT.twoSided(-1.1, degreesOfFreedom: 40) - 0.277908353971344) < 1e-12)
        #expect(StudentT.twoSided(0, degreesOfFreedom: 3) == 1)
    }

    /// Differences 0.1, 0.2, 0.3: mean 0.2, standard error 0.1 / √3, t = 3.4641 with two degrees of freedom, 1 − t / √(2 + t²) = 0.07418.
    @Test func aPairByHand() throws {
        let pair = try #require(
            PairedComparison.all(ModelSummary.summarise(rows("b", [2.1, 2.3, 2.5]) + rows("a", [2, 2.1, 2.2]))).first)
        #expect(pair.first == "a" && pair.second == "b" && pair.seeds == 3)
        #expect(abs(pair.difference - 0.2) < 1e-12)
        #expect(abs(pair.halfWidth - 4.303 * 0.1 / 3.0.squareRoot()) < 1e-9)
        #expect(abs(pair.probability - 0.0741799) < 1e-6)
        #expect(pair.corrected == pair.probability && !pair.isDifferent)
    }

    @Test func pairingSeesWhatIntervalsDoNot() throws {
        // Seeds move both models alike by far more than they differ.
        let noise = [0.0, 0.3, -0.2, 0.1]
        let near = [0.05, 0.051, 0.049, 0.0505]
        let summaries = ModelSummary.summarise(rows("a", noise.map { 2 + $0 }) + rows("b", zip(noise, near).map { 2 + $0 + $1 }))
        #expect(summaries.map(\.ranks) == [1 ... 2, 1 ... 2])
        let pair = try #require(PairedComparison.all(summaries).first)
        #expect(pair.isDifferent)
    }

    @Test func holmMultipliesAndNeverFalls() {
        let summaries = ModelSummary.summarise(
            rows("a", [2, 2.1, 2.2, 2.3]) + rows("b", [2.2, 2.31, 2.4, 2.52]) + rows("c", [2.3, 2.39, 2.55, 2.6]))
        let pairs = PairedComparison.all(summaries).sorted { $0.probability < $1.probability }
        #expect(pairs.count == 3)
        #expect(abs(pairs[0].corrected - min(3 * pairs[0].probability, 1)) < 1e-15)
        #expect(abs(pairs[1].corrected - max(pairs[0].corrected, 2 * pairs[1].probability)) < 1e-15)
        #expect(abs(pairs[2].corrected - max(pairs[1].corrected, pairs[2].probability)) < 1e-15)
    }

    @Test func onlyWhatCanBePairedIsPaired() {
        let mixed = rows("exact", [2, 2.1]) + rows("bound", [1, 1.1], likelihood: .upperBound) + rows("single", [3])
        #expect(PairedComparison.all(ModelSummary.summarise(mixed)).isEmpty)
        let same = PairedComparison.all(ModelSummary.summarise(rows("a", [2, 2.1]) + rows("b", [2, 2.1])))
        #expect(same.map(\.probability) == [1])
    }
}
