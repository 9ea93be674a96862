import Testing

@testable import Tensor

@Suite struct ReductionTests {
    @Test func derivatives() throws {
        var random = RandomNumbers(7)
        let x = random.tensor([2, 3, 4])
        try GradientCheck().run([x]) { $0[0].square().sum() }
        try GradientCheck().run([x]) { $0[0].square().mean() }
        for axis in [-3, -2, -1, 0, 1, 2] {
            for keeping in [false, true] {
                try GradientCheck().run([x]) { $0[0].sum(axis: axis, keepingAxis: keeping).square() }
                try GradientCheck().run([x]) { $0[0].mean(axis: axis, keepingAxis: keeping).square() }
                try GradientCheck().run([x]) { $0[0].max(axis: axis, keepingAxis: keeping).square() }
            }
        }
        try GradientCheck().run([x]) { $0[0].softmax() }
        try GradientCheck().run([x]) { $0[0].logSoftmax() }
        try GradientCheck().run([x]) { $0[0].logSumExp() }
    }

    @Test(arguments: [[3, 5, 7], [1, 1, 1], [700, 300, 1], [1, 3000, 70], [2, 4100, 33]])
    func sumsOfManySizes(_ shape: [Int]) throws {
        var random = RandomNumbers(8)
        let x = random.tensor(shape)
        let values = x.toArray()
        #expect(abs(x.sum().item - values.reduce(0, +)) < 1e-9)
        let (outer, extent, inner) = (shape[0], shape[1], shape[2])
        var expected = [Double](repeating: 0, count: outer * inner)
        for (place, value) in values.enumerated() {
            expected[place / (extent * inner) * inner + place % inner] += value
        }
        for (y, truth) in zip(x.sum(axis: 1).toArray(), expected) { #expect(abs(y - truth) < 1e-10) }
    }

    @Test func maximumSharesItsGradientAmongEquals() {
        let x = Tensor([1.0, 5, 5, 2], shape: [4])
        x.requiresGradient = true
        #expect(gradients(of: x.max(axis: 0), withRespectTo: [x])[0].toArray() == [0, 0.5, 0.5, 0])
    }

    @Test func segmentMaximumSharesItsGradientAmongEquals() {
        let x = Tensor([1.0, 5, 7, 5, 2, 0], shape: [3, 2])
        x.requiresGradient = true
        let y = segmentMaximum(x, segments: [0..<2, 2..<2, 2..<3])
        #expect(y.toArray() == [7, 5, 0, 0, 2, 0])
        let seed = Tensor([1.0, 2, 9, 9, 3, 4], shape: [3, 2])
        #expect(gradients(of: y, withRespectTo: [x], seed: seed)[0].toArray() == [0, 1, 1, 1, 3, 4])
        let equal = Tensor([3.0, 3, 3, 1], shape: [2, 2])
        equal.requiresGradient = true
        let ones = Tensor([1.0, 1], shape: [1, 2])
        #expect(gradients(of: segmentMaximum(equal, segments: [0..<2]), withRespectTo: [equal], seed: ones)[0].toArray() == [0.5, 1, 0.5, 0])
    }

    @Test func logSoftmaxOfLargeNumbers() {
        let y = Tensor([1e4, 0, -1e4], shape: [3]).logSoftmax().toArray()
        #expect(y == [0, -1e4, -2e4])
    }
}
