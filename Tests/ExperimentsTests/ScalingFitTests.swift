import Foundation
import PluginHost
import SequenceModel
import Testing

@testable import Experiments

/// Fits of scaling laws: known laws are found again, intervals hold them, and what determines nothing is refused in words.
struct ScalingFitTests {
    @Test func theGradientIsThatOfTheObjective() {
        let points = SyntheticCurves.points(noise: 0.02).map {
            (parameters: Double($0.parameters), tokens: Double($0.tokens), loss: $0.loss)
        }
        let objective = ScalingObjective(points)
        var stream = RandomKey(seed: 3).stream
        for threshold in [ScalingObjective.threshold, 0.01, 0.1] {
            for _ in 0 ..< 20 {
                let place = [-0.3, -1.2, 0.4, -1.5, 0.4].map { $0 + 0.3 * stream.normal() }
                var gradient = [Double](repeating: 0, count: 5)
                var ignored = gradient
                _ = objective.value(place, threshold: threshold, gradient: &gradient)
                for axis in 0 ..< 5 {
                    let step = 1e-6
                    var (up, down) = (place, place)
                    up[axis] += step
                    down[axis] -= step
                    let slope =
                        (objective.value(up, threshold: threshold, gradient: &ignored)
                            - objective.value(down, threshold: threshold, gradient: &ignored)) / (2 * step)
                    // A Huber loss has no second derivative where it turns linear: a point may cross there within the step.
                    #expect(abs(slope - gradient[axis]) <= 1e-3 * (1 + abs(slope)), "threshold \(threshold), axis \(axis)")
                }
            }
        }
    }

    @Test func theMinimiserFindsAValley() {
        // Rosenbrock 1960: a curved valley in which steepest descent creeps.
        let found = Minimiser().minimise(from: [-1.2, 1]) { x, gradient in
            let (a, b) = (1 - x[0], x[1] - x[0] * x[0])
            gradient[0] = -2 * a - 400 * x[0] * b
            gradient[1] = 200 * b
            return a * a + 100 * b * b
        }
        #expect(abs(found.point[0] - 1) < 1e-5 && abs(found.point[1] - 1) < 1e-5)
        // |x| + 10 |y|: no derivative at the minimum.
        let corner = Minimiser().minimise(from: [3, -2]) { x, gradient in
            gradient[0] = x[0] < 0 ? -1 : 1
            gradient[1] = x[1] < 0 ? -10 : 10
            return abs(x[0]) + 10 * abs(x[1])
        }
        #expect(corner.value < 1e-3)
    }

    @Test func aLawWithoutNoiseIsFoundExactly() throws {
        for law in [
            SyntheticCurves.law,
            ScalingLaw(irreducible: 1.69, parameterFactor: 406.4, parameterExponent: 0.34, tokenFactor: 410.7, tokenExponent: 0.28),
            ScalingLaw(irreducible: 0.4, parameterFactor: 2000, parameterExponent: 0.8, tokenFactor: 20, tokenExponent: 0.2),
        ] {
            let fit = try ScalingFit(SyntheticCurves.points(law, seeds: 1, noise: 0), replicates: 20)
            #expect(abs(fit.law.irreducible - law.irreducible) < 1e-3 * law.irreducible)
            #expect(abs(fit.law.parameterExponent - law.parameterExponent) < 1e-3)
            #expect(abs(fit.law.tokenExponent - law.tokenExponent) < 1e-3)
            #expect(abs(fit.law.parameterFactor / law.parameterFactor - 1) < 0.02)
            #expect(fit.spread < 1e-6)
        }
    }

    /// The point of the whole: many sets of noisy runs, and how many of the intervals hold what made them. Of 60 intervals of 95 % fewer than 52
    /// hold it once in a hundred times.
    @Test func intervalsHoldTheTruth() throws {
        let truth = SyntheticCurves.law
        let sets = 60
        var held = (alpha: 0, beta: 0, irreducible: 0, share: 0)
        for draw in 1 ... sets {
            let fit = try ScalingFit(
                SyntheticCurves.points(
                    sizes: [100_000, 200_000, 400_000, 800_000], tokens: [500_000, 1_000_000, 2_000_000, 4_000_000], draw: UInt64(draw)),
                replicates: 60)
            func holds(_ figure: (ScalingLaw) -> Double) -> Int { fit.interval(figure)?.contains(figure(truth)) == true ? 1 : 0 }
            held.alpha += holds(\.parameterExponent)
            held.beta += holds(\.tokenExponent)
            held.irreducible += holds(\.irreducible)
            held.share += holds { $0.growth(cost: .operations).size }
        }
        for (name, count) in [("α", held.alpha), ("β", held.beta), ("E", held.irreducible), ("a", held.share)] {
            #expect((52 ... 60).contains(count), "\(count) of \(sets) intervals of \(name) hold the truth")
        }
    }

    @Test func theSameRunsGiveTheSameBits() throws {
        let points = SyntheticCurves.points(draw: 7)
        let one = ModelScaling(points, replicates: 40)
        #expect(one == ModelScaling(points, replicates: 40))
        #expect(try JSONFile.text(one) == JSONFile.text(ModelScaling(points, replicates: 40)))
        let other = try ScalingFit(points, replicates: 40, seed: 1)
        #expect(other.interval(\.parameterExponent) != one.fit?.parameterExponent)
    }

    @Test func fewSeedsAndConfigurationsGiveWideIntervals() throws {
        let few = try ScalingFit(
            SyntheticCurves.points(sizes: [100_000, 400_000, 1_600_000], tokens: [500_000, 2_000_000, 8_000_000], seeds: 1, draw: 2),
            replicates: 200)
        let many = try ScalingFit(SyntheticCurves.points(seeds: 3, draw: 2), replicates: 200)
        let (wide, narrow) = (
            try #require(few.interval(\.parameterExponent)), try #require(many.interval(\.parameterExponent))
        )
        #expect(wide.width > 1.5 * narrow.width)
        #expect(many.objections.isEmpty, "\(many.objections)")
    }

    @Test func whatIsLeftOutIsPredicted() throws {
        let points = SyntheticCurves.points(seeds: 2, draw: 5)
        let test = try HoldOut(points, replicates: 200)
        #expect(test.entries.count == 5 && test.configurations == 20)
        // The most expensive ones, cheapest first.
        #expect(test.entries.last.map { [$0.size, $0.tokens] } == [1_600_000, 8_000_000])
        #expect(zip(test.entries, test.entries.dropFirst()).allSatisfy { $0.operations <= $1.operations })
        #expect(test.entries.filter(\.isInside).count >= 4, "\(test.entries)")
        for entry in test.entries { #expect(abs(entry.error) < 0.02) }
        // Where the large runs break with the law of the small ones, the test says so.
        let broken = points.map { point in
            point.tokens == 8_000_000 && point.size >= 800_000 ? SyntheticCurves.point(point.size, point.tokens, seed: Int(point.seed), loss: point.loss * 1.2) : point
        }
        let failed = try HoldOut(broken, replicates: 200)
        #expect(failed.entries.last?.isInside == false)
        #expect(try #require(failed.entries.last?.error) < -0.1)
        let text = try JSONFile.text(test)
        #expect(text.contains("\"inside\": true") && text.contains("\"error\": "))
        #expect(try JSONDecoder().decode(HoldOut.self, from: Data(text.utf8)) == test)
    }

    @Test func whatDeterminesNothingIsRefusedInWords() throws {
        func refusal(_ points: [ScalingPoint]) -> String {
            message { _ = try ScalingFit(points, replicates: 20) }?.text ?? "no refusal"
        }
        #expect(
            refusal(SyntheticCurves.points(sizes: [100_000, 200_000]))
                == "2 sizes and 5 token counts ended well; E + A/N^α + B/D^β has five unknowns and needs at least three of each")
        #expect(refusal(SyntheticCurves.points(sizes: [100_000], tokens: [500_000])).hasPrefix("1 size and 1 token count ended well"))
        #expect(refusal([]).hasPrefix("0 sizes and 0 token counts"))
        let corner = [(1, 1), (2, 1), (3, 1), (1, 2), (1, 3)].map { SyntheticCurves.point($0 * 100_000, $1 * 100_000, loss: 1) }
        #expect(refusal(corner).hasPrefix("5 configurations ended well"))
        #expect(refusal(SyntheticCurves.points().map { SyntheticCurves.point($0.size, $0.tokens, loss: 1.5) }) == "all 50 losses are equal: there is nothing to fit")
        for bad in [Double.nan, .infinity, 0, -1] {
            let points = SyntheticCurves.points().dropLast() + [SyntheticCurves.point(1_600_000, 8_000_000, loss: bad)]
            #expect(refusal(Array(points)).hasPrefix("a run of 1.60M × 8M has the loss \(bad)"))
            // And as the analysis of a study: a sentence, no trap.
            #expect(ModelScaling(Array(points), replicates: 20).refusal != nil)
        }
        let unknown = SyntheticCurves.points().map { point in
            var point = point
            point.embeddingParameters = nil
            return point
        }
        #expect(
            message { _ = try ScalingFit(unknown, replicates: 20, excludingEmbeddings: true) }?.text
                == "how many parameters are embeddings is not known of 50 of 50 runs")
    }

    @Test func aLawThatSaysNothingIsNotCarriedOn() throws {
        // Noise of a tenth: whatever falls is lost in it.
        let noisy = try ScalingFit(
            SyntheticCurves.points(sizes: [100_000, 150_000, 200_000], tokens: [500_000, 700_000, 900_000], seeds: 1, noise: 0.1, draw: 4),
            replicates: 100)
        #expect(!noisy.objections.isEmpty)
        let frontier = ScalingFrontier(noisy, unit: .operations, cost: .operations)
        #expect(frontier.points.allSatisfy { !$0.isExtrapolated })
        #expect(frontier.refusal != nil)
        // Losses that rise with size.
        let rising = SyntheticCurves.points(noise: 0.001).map { point in
            SyntheticCurves.point(
                point.size, point.tokens, seed: Int(point.seed), loss: point.loss * pow(Double(point.size) / 1e5, 0.3))
        }
        let model = ModelScaling(rising, replicates: 50)
        #expect(model.fit?.objections.contains { $0.contains("not told apart from 0") } == true, "\(String(describing: model.fit?.objections))")
        #expect(model.operations?.points.allSatisfy { !$0.isExtrapolated } == true)
    }

    @Test func theFrontierIsThatOfTheLaw() throws {
        let law = SyntheticCurves.law
        // By search over the line of equal cost.
        for cost in [CostLaw.operations, CostLaw(factor: 3e-12, parameterExponent: 0.8, tokenExponent: 1.1)] {
            for budget in [cost.cost(parameters: 2e5, tokens: 1e6), cost.cost(parameters: 2e6, tokens: 2e7)] {
                let best = try #require(law.optimum(budget: budget, cost: cost))
                #expect(abs(cost.cost(parameters: best.parameters, tokens: best.tokens) / budget - 1) < 1e-9)
                let lowest = law.loss(parameters: best.parameters, tokens: best.tokens)
                for factor in [0.9, 0.99, 1.01, 1.1] {
                    let parameters = best.parameters * factor
                    let tokens = pow(budget / cost.factor / pow(parameters, cost.parameterExponent), 1 / cost.tokenExponent)
                    #expect(law.loss(parameters: parameters, tokens: tokens) > lowest)
                }
            }
        }
        #expect(abs(law.growth(cost: .operations).size - 0.38 / 0.83) < 1e-12)
        #expect(abs(law.growth(cost: .operations).tokens - 0.45 / 0.83) < 1e-12)
        let model = ModelScaling(SyntheticCurves.points(seeds: 3, noise: 0.002, draw: 1), replicates: 100)
        let frontier = try #require(model.operations)
        #expect(frontier.sizeExponent?.contains(0.38 / 0.83) == true)
        #expect(frontier.points.contains { $0.isExtrapolated }, "\(String(describing: frontier.refusal))")
        for point in frontier.points {
            let best = try #require(law.optimum(budget: point.budget, cost: .operations))
            #expect(point.loss.contains(law.loss(parameters: best.parameters, tokens: best.tokens)))
        }
        // The seconds of these runs follow 2e-12 N^0.9 D.
        let seconds = try #require(model.seconds)
        #expect(abs(seconds.cost.parameterExponent - 0.9) < 1e-6 && abs(seconds.cost.tokenExponent - 1) < 1e-6)
    }

    @Test func profilesFindTheBestSize() throws {
        // Every size at the same cost: the minimum of the law along it is known.
        let law = SyntheticCurves.law
        let budget = 4e12
        func runs(_ sizes: [Int], seeds: Int, noise: Double) -> [ScalingPoint] {
            var stream = RandomKey(seed: 9).stream
            return sizes.flatMap { size in
                (1 ... seeds).map { seed in
                    let tokens = Int(budget / 6 / Double(size))
                    return SyntheticCurves.point(
                        size, tokens, seed: seed,
                        loss: law.loss(parameters: Double(size), tokens: Double(tokens)) * exp(noise * stream.normal()))
                }
            }
        }
        let best = try #require(law.optimum(budget: budget, cost: .operations))
        let around = [0.35, 0.6, 1, 1.7, 3].map { Int($0 * best.parameters) }
        let profile = try #require(IsoOperationsProfile.all(runs(around, seeds: 3, noise: 0.002)).first)
        #expect(profile.refusal == nil, "\(String(describing: profile.refusal))")
        let found = try #require(profile.best)
        // The law is no parabola: a tenth beside the interval is the model's fault.
        #expect(found.low * 0.85 < best.parameters && best.parameters < found.high * 1.15, "\(found), \(best)")
        let above = [2.5, 4, 6, 9].map { Int($0 * best.parameters) }
        let edge = try #require(IsoOperationsProfile.all(runs(above, seeds: 2, noise: 0)).first)
        #expect(edge.best == nil && edge.refusal == "the lowest loss lies at the edge: smaller sizes belong to this profile")
        let three = try #require(IsoOperationsProfile.all(runs([around[0], around[2], around[4]], seeds: 1, noise: 0)).first)
        #expect(three.best == nil && three.refusal?.hasPrefix("three runs lie on any parabola") == true)
        // A grid whose costs all differ by more than a third has none.
        #expect(IsoOperationsProfile.all(SyntheticCurves.points(sizes: [100_000, 1_000_000], tokens: [100_000, 300_000])).isEmpty)
    }

    @Test func intervalsAreOfPercentiles() throws {
        let found = try #require(Interval(5, replicates: (0 ... 1000).map(Double.init).shuffled()))
        #expect(found.low == 25 && found.high == 975 && found.width == 950 && found.contains(25) && !found.contains(976))
        // One value of a hundred that ran away does not reach the ends; five do.
        #expect(Interval(5, replicates: (0 ..< 99).map(Double.init) + [.infinity]) != nil)
        #expect(Interval(5, replicates: (0 ..< 95).map(Double.init) + Array(repeating: .infinity, count: 5)) == nil)
        #expect(Interval(.nan, replicates: [1]) == nil && Interval(1, replicates: [.nan, 1]) == nil && Interval(1, replicates: []) == nil)
    }

    @Test func leastSquares() throws {
        let rows = [[1.0, 0], [1, 1], [1, 2], [1, 3]]
        let line = try #require(LeastSquares(rows, [1, 3, 5, 7]))
        #expect(abs(line.solution[0] - 1) < 1e-12 && abs(line.solution[1] - 2) < 1e-12)
        // Slope of 1, 2, 2, 4 against 0 … 3: 0.9, residual variance 0.35, standard error √(0.35/5).
        let noisy = try #require(LeastSquares(rows, [1, 2, 2, 4]))
        #expect(abs(noisy.solution[1] - 0.9) < 1e-12)
        #expect(abs((noisy.halfWidth(1) ?? 0) - 4.303 * (0.35 / 5).squareRoot()) < 1e-9)
        #expect(LeastSquares([[1, 2], [2, 4], [3, 6]], [1, 2, 3]) == nil)
        #expect(LeastSquares([[1, 0]], [1]) == nil && LeastSquares([], []) == nil)
        #expect(LeastSquares(rows, [1, .nan, 2, 3]) == nil)
    }
}
