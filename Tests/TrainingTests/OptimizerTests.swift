import Foundation
import PluginHost
import SequenceModel
import Testing

@testable import Training

struct OptimizerTests {
    /// AdamW as in the paper, in double precision, against ten steps of the real one.
    @Test func agreesWithThePlainAlgorithm() throws {
        let services = ThreadPool(threads: 2)
        let model = BigramModel(vocabulary: 300, fault: nil, services: services)
        let memory = try ParameterMemory(for: model, gradients: true)
        try memory.bind(to: model)
        try memory.initialise(model, seed: 3)
        let options = AdamWOptions(beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0.1)
        let adam = try AdamW(memory: memory, options: options, services: services)
        #expect(adam.trainedIndices == [0, 1])
        var parameters = [0, 1].map { memory.views[$0].floats!.map { Double($0) } }
        var first = parameters.map { $0.map { _ in 0.0 } }
        var second = first
        var stream = RandomKey(seed: 9).stream
        for step in 1 ... 10 {
            let rate = 0.01 / Double(step)
            let scale = 0.7
            var norm = 0.0
            for index in 0 ..< 2 {
                let gradient = memory.gradientViews![index].floats!
                for place in gradient.indices {
                    gradient[place] = Float(stream.normal())
                    let g = Double(gradient[place]) * scale
                    norm += Double(gradient[place]) * Double(gradient[place])
                    first[index][place] = 0.9 * first[index][place] + 0.1 * g
                    second[index][place] = 0.99 * second[index][place] + 0.01 * g * g
                    let m = first[index][place] / (1 - pow(0.9, Double(step)))
                    let v = second[index][place] / (1 - pow(0.99, Double(step)))
                    // The bias is not decayed and learns twice as fast.
                    let (decay, factor) = index == 0 ? (0.1, 1.0) : (0, 2.0)
                    parameters[index][place] -= factor * rate * (m / (v.squareRoot() + 1e-8) + decay * parameters[index][place])
                }
            }
            #expect(abs(adam.gradientNorm() - norm.squareRoot()) < 1e-9 * norm)
            adam.update(step: step, rate: rate, gradientScale: scale)
        }
        for index in 0 ..< 2 {
            let worst = zip(memory.views[index].floats!, parameters[index]).map { abs(Double($0) - $1) }.max()!
            #expect(worst < 2e-6)
        }
        #expect(memory.views[3].floats![0] == 0)
    }

    @Test func sameBitsForAnyNumberOfThreads() throws {
        func train(_ threads: Int) throws -> [UInt32] {
            let services = ThreadPool(threads: threads)
            let model = BigramModel(vocabulary: 700, fault: nil, services: services)
            let memory = try ParameterMemory(for: model, gradients: true)
            try memory.bind(to: model)
            try memory.initialise(model, seed: 3)
            let adam = try AdamW(memory: memory, options: AdamWOptions(), services: services)
            var stream = RandomKey(seed: 9).stream
            var norms: [Double] = []
            for step in 1 ... 3 {
                for view in memory.gradientViews![..<2] { for place in view.floats!.indices { view.floats![place] = Float(stream.normal()) } }
                norms.append(adam.gradientNorm())
                adam.update(step: step, rate: 0.01, gradientScale: 1 / norms[step - 1])
            }
            return memory.views[0].floats!.map(\.bitPattern) + norms.map { UInt32(truncatingIfNeeded: $0.bitPattern) }
        }
        let one = try train(1)
        #expect(try train(2) == one)
        #expect(try train(5) == one)
    }

    @Test func namesWhatIsNotFinite() throws {
        let services = NoHostServices()
        let model = BigramModel(vocabulary: 256, fault: nil, services: services)
        let memory = try ParameterMemory(for: model, gradients: true)
        let adam = try AdamW(memory: memory, options: AdamWOptions(), services: services)
        #expect(adam.gradientNorm() == 0 && adam.nonFiniteGradient() == nil)
        memory.gradientViews![0].floats![100] = 3e38
        // The largest floats are finite, squares and all.
        #expect(abs(adam.gradientNorm() / 3e38 - 1) < 1e-6)
        memory.gradientViews![1].floats![255] = -.infinity
        #expect(!adam.gradientNorm().isFinite && adam.nonFiniteGradient() == "bias")
        memory.views[0].floats![65_535] = .nan
        #expect(adam.nonFiniteParameter() == "table.weight")
    }
}

struct ScheduleTests {
    /// nanoGPT's get_lr with its CPU recipe, values computed with Python.
    @Test func agreesWithNanoGPT() {
        let schedule = Schedule(shape: .cosine, peak: 1e-3, minimum: 1e-4, warmupSteps: 100)
        let expected: [(Int, Double)] = [
            (0, 9.900990099009902e-06), (50, 0.000504950495049505), (99, 0.0009900990099009901), (100, 0.001),
            (1050, 0.00055), (1999, 0.00010000061514140841), (2000, 0.0001), (5000, 0.0001),
        ]
        for (step, rate) in expected { #expect(abs(schedule.rate(step: step, total: 2000) - rate) < 1e-15, "step \(step)") }
    }

    @Test func otherShapes() {
        let linear = Schedule(shape: .linear, peak: 1, minimum: 0.5, warmupSteps: 0)
        #expect([0.0, 30, 60].map { linear.rate(step: 9, seconds: $0, budget: 60) } == [1, 0.75, 0.5])
        // A warm-up that its steps end after 3 of 60 seconds, and one that a tenth of the time ends: neither jumps to the fall.
        let rising = Schedule(shape: .linear, peak: 1, minimum: 0, warmupSteps: 9)
        #expect(rising.rate(step: 4, seconds: 1, budget: 60) == 0.5 && rising.rate(step: 9, seconds: 3, budget: 60) == 1)
        #expect(abs(rising.rate(step: 19, seconds: 6 + 1.0 / 3, budget: 60) - (1 - (19.0 / 3 - 3) / 57)) < 1e-12)
        #expect(rising.rate(step: 1, seconds: 3, budget: 60) == 0.5 && rising.rate(step: 2, seconds: 6, budget: 60) == 1)
        #expect(rising.rate(step: 3, seconds: 33, budget: 60) == 0.5 && rising.rate(step: 4, seconds: 60, budget: 60) == 0)
        #expect([0, 5, 10].map { linear.rate(step: $0, total: 10) } == [1, 0.75, 0.5])
        let constant = Schedule(shape: .constant, peak: 1, minimum: 0, warmupSteps: 3)
        #expect([0, 1, 2, 3, 99].map { constant.rate(step: $0, total: 100) } == [0.25, 0.5, 0.75, 1, 1])
    }
}
