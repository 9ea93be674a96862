import Testing

@testable import Tensor

@Suite struct ShapeTests {
    @Test func derivatives() throws {
        var random = RandomNumbers(3)
        let x = random.tensor([2, 3, 4])
        try GradientCheck().run([x]) { $0[0].reshaped([4, -1]).square() }
        try GradientCheck().run([x]) { $0[0].transposed([2, 0, 1]).square() }
        try GradientCheck().run([x]) { $0[0].sliced(axis: 1, 1..<3).square() }
        try GradientCheck().run([x]) { $0[0].sliced(axis: 0, 1..<2).square() }
        try GradientCheck().run([x]) { $0[0].sliced(axis: -1, 0..<1).square() + $0[0].sliced(axis: -1, 3..<4) }
        try GradientCheck().run([x]) { $0[0].padded(axis: 1, before: 2, after: 1).square() }
        try GradientCheck().run([random.tensor([3, 1])]) { $0[0].broadcast(to: [2, 3, 4]).square() }
        try GradientCheck().run([x]) { $0[0].summed(to: [3, 1]).square() }
        try GradientCheck().run([x, random.tensor([2, 1, 4])]) { concatenate($0, axis: 1).square() }
        try GradientCheck().run([random.tensor([3, 4]), random.tensor([5, 4])]) { concatenate($0, axis: 0).square() }
    }

    @Test func transposedByDefinition() {
        let x = Tensor((0..<120).map(Double.init), shape: [2, 3, 4, 5])
        for axes in [[0, 2, 1, 3], [3, 2, 1, 0], [1, 0, 3, 2], [0, 1, 3, 2], [2, 3, 0, 1]] {
            let y = x.transposed(axes)
            #expect(y.shape == axes.map { x.shape[$0] })
            let values = y.toArray()
            var place = 0
            for i in 0..<y.shape[0] {
                for j in 0..<y.shape[1] {
                    for k in 0..<y.shape[2] {
                        for l in 0..<y.shape[3] {
                            var index = [0, 0, 0, 0]
                            for (axis, position) in zip(axes, [i, j, k, l]) { index[axis] = position }
                            #expect(values[place] == Double(((index[0] * 3 + index[1]) * 4 + index[2]) * 5 + index[3]))
                            place += 1
                        }
                    }
                }
            }
        }
    }

    @Test func slicesAndJoins() {
        let x = Tensor((0..<24).map(Double.init), shape: [2, 3, 4])
        #expect(x.sliced(axis: 1, 1..<2).toArray() == [4, 5, 6, 7, 16, 17, 18, 19])
        #expect(x.sliced(axis: 0, 1..<2).storage === x.storage)
        #expect(x.sliced(axis: 0, 1..<2).toArray() == (12..<24).map(Double.init))
        let parts = [0..<1, 1..<3].map { x.sliced(axis: 1, $0) }
        #expect(concatenate(parts, axis: 1).toArray() == x.toArray())
        #expect(x.reshaped([6, -1]).shape == [6, 4])
        #expect(x.reshaped([6, -1]).storage === x.storage)
        #expect(x.sliced(axis: 2, 2..<2).shape == [2, 3, 0])
        #expect(concatenate([x.sliced(axis: 2, 2..<2), x], axis: 2).toArray() == x.toArray())
    }

    @Test func rowsByIndex() throws {
        var random = RandomNumbers(5)
        let rows: [Int32] = [2, 0, 2, -1, 4, 1, 7]
        try GradientCheck().run([random.tensor([5, 3])]) { $0[0].gatherRows(rows).square() }
        try GradientCheck().run([random.tensor([7, 3])]) { $0[0].scatterRows(rows, count: 5).square() }
        try GradientCheck().run([random.tensor([5, 3])]) {
            embedding($0[0], indices: [1, 1, 4, 0, 3, 2], shape: [2, 3]).square()
        }
        let table = Tensor((0..<15).map(Double.init), shape: [5, 3])
        #expect(table.gatherRows(rows).toArray() == [6, 7, 8, 0, 1, 2, 6, 7, 8, 0, 0, 0, 12, 13, 14, 3, 4, 5, 0, 0, 0])
        #expect(embedding(table, indices: [1, 1, 4, 0, 3, 2], shape: [2, 3]).shape == [2, 3, 3])
    }
}
