import Experiments
import Testing
import Training

/// How a comparison trains: the curve is bounded in cost by counts, so that it can be repeated.
struct RequestTests {
    @Test(arguments: [1, 20, 33, 300, 5000], [(256, 16), (32, 4), (2048, 8)])
    func theCurveCostsATenthOfTraining(_ steps: Int, _ shape: (Int, Int)) {
        let options = ComparisonRequest.trainingOptions(steps: steps, minutes: nil, context: shape.0, batch: shape.1)
        let points = (steps + options.evaluationInterval - 1) / options.evaluationInterval
        #expect(points >= min(steps, 20) && points <= min(steps, 40))
        // Three bytes of validation cost as much as one of training; one window is the least.
        let share = Double(points * options.evaluationSize) / Double(steps * options.tokensPerStep)
        let window = Double(points) / Double(steps * shape.1)
        #expect(share <= max(0.31, window), "\(share)")
        #expect(options.evaluationSize <= max(16_384, shape.0) && options.evaluationSize >= shape.0)
    }

    @Test func aBudgetInMinutes() {
        let options = ComparisonRequest.trainingOptions(steps: nil, minutes: 5, context: 256, batch: 16)
        #expect(options.evaluationInterval == 100 && options.evaluationSize == 16_384 && options.checkpointInterval == 100)
        let small = ComparisonRequest.trainingOptions(steps: nil, minutes: 5, context: 32, batch: 4)
        #expect(small.evaluationSize == 3840)
    }
}
