import Testing

@testable import Tensor

@Suite struct GraphTests {
    @Test func nothingIsRecordedUnlessWanted() {
        let x = Tensor.ones([3], .float64)
        #expect((x * 2).node == nil)
        x.requiresGradient = true
        #expect((x * 2).node != nil)
        Execution.withoutRecording {
            #expect((x * 2).node == nil)
            #expect(rmsNorm(x, epsilon: 1).node == nil)
        }
        #expect((x * 2).stopGradient().node == nil)
        #expect(Tensor.leaf(borrowing: x.storage.pointer, gradient: nil, shape: [3], type: .float64).node == nil)
        let y = (x * 2).sum()
        #expect(gradients(of: y, withRespectTo: [x])[0].node == nil)
        #expect(gradients(of: x.square().sum(), withRespectTo: [x], createGraph: true)[0].node != nil)
        #expect(Execution.current.isRecording)
    }

    @Test func valuesThatDoNotDepend() {
        let (x, y) = (Tensor.ones([2], .float64), Tensor.ones([3], .float64))
        x.requiresGradient = true
        y.requiresGradient = true
        let found = gradients(of: x.square().sum(), withRespectTo: [x, y, Tensor.ones([4], .float64)])
        #expect(found.map { $0.toArray() } == [[2, 2], [0, 0, 0], [0, 0, 0, 0]])
    }

    /// With respect to values on the way, through which others are reached too.
    @Test func intermediateValues() {
        let x = Tensor(3, type: .float64)
        x.requiresGradient = true
        let y = x.square()
        let z = y * y + x
        let found = gradients(of: z, withRespectTo: [z, y, x]).map(\.item)
        #expect(found == [1, 18, 4 * 27 + 1])
    }

    /// Many consumers of one value: gradients are summed, also where operations pass the same tensor on to several.
    @Test func fanOut() throws {
        var random = RandomNumbers(31)
        try GradientCheck().run([random.tensor([4]), random.tensor([4])]) { inputs in
            let (x, y) = (inputs[0], inputs[1])
            let sum = x + y
            let deep = sum + sum + x + sum.tanh() + (sum - x) * y
            return deep + deep.reshaped([2, 2]).reshaped([4]) + deep * x
        }
    }

    /// A gradient memory that borrowed seeds or kept results share is never written to.
    @Test func seedsAndResultsAreNotOverwritten() {
        let x = Tensor.ones([3], .float64)
        x.requiresGradient = true
        let y = x + 0
        let z = y + y.tanh() + y.exp()
        let seed = Tensor([1.0, 2, 3], shape: [3])
        let found = gradients(of: z, withRespectTo: [z, y], seed: seed)
        #expect(seed.toArray() == [1, 2, 3] && found[0].toArray() == [1, 2, 3])
        var memory = [1.0, 2, 3]
        memory.withUnsafeMutableBytes { bytes in
            guard let base = bytes.baseAddress else { return }
            _ = gradients(of: z, withRespectTo: [x], seed: Tensor(borrowing: base, shape: [3], type: .float64))
        }
        #expect(memory == [1, 2, 3])
    }

    @Test func gradientsMayBeTakenAgain() {
        let x = Tensor(2, type: .float64)
        x.requiresGradient = true
        let y = x * x * x
        #expect(gradients(of: y, withRespectTo: [x])[0].item == 12)
        #expect(gradients(of: y, withRespectTo: [x])[0].item == 12)
        let first = gradients(of: y, withRespectTo: [x], createGraph: true)[0]
        let second = gradients(of: first, withRespectTo: [x], createGraph: true)[0]
        #expect(second.item == 12)
        #expect(gradients(of: second, withRespectTo: [x])[0].item == 6)
    }

    @Test func backwardAddsWithItsSeed() {
        var memory = [10.0, 20]
        var values = [1.0, 2]
        values.withUnsafeMutableBytes { values in
            memory.withUnsafeMutableBytes { memory in
                guard let values = values.baseAddress, let memory = memory.baseAddress else { return }
                let x = Tensor.leaf(borrowing: values, gradient: memory, shape: [2], type: .float64)
                backward(x.square().sum(), seed: 0.5)
                backward(x)
                backward(x * 3, seed: Tensor([1.0, -1], shape: [2]))
            }
        }
        #expect(memory == [15, 20])  // 10 + 1 + 1 + 3, 20 + 2 + 1 − 3
    }

    /// A graph deeper than any stack is derived and freed.
    @Test func deepGraph() {
        let x = Tensor(1, type: .float64)
        x.requiresGradient = true
        var y = x
        for _ in 0..<200_000 { y = y * 0.99999 }
        #expect(abs(gradients(of: y, withRespectTo: [x])[0].item - y.item) < 1e-12)
        y = x
        #expect(y.item == 1)
    }

    /// Training an energy's descent: a gradient step inside the function, derived through.
    @Test func gradientStepsAreDifferentiable() throws {
        var random = RandomNumbers(32)
        try GradientCheck(tolerance: 1e-6).run([random.tensor([3]), random.tensor([3, 3])]) { inputs in
            let matrix = inputs[1]
            var x = inputs[0] + 0
            x.requiresGradient = true
            return Execution.withRecording {
                for _ in 0..<2 {
                    let energy = linear(x.reshaped([1, 3]), weight: matrix).tanh().square().sum()
                    x = x - 0.1 * gradients(of: energy, withRespectTo: [x], createGraph: true)[0]
                }
                return x
            }
        }
    }

    @Test func description() {
        #expect(Tensor([1.0, 2], shape: [2]).description == "Tensor[2] float64 [1.0, 2.0]")
    }
}
