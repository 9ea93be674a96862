import Glibc
import Testing

@testable import Tensor

@Suite struct ElementwiseTests {
    /// Functions of one number, a range where they are smooth, and what they should be.
    static var unary: [(name: String, apply: (Tensor) -> Tensor, range: ClosedRange<Double>)] {
        [
            ("exp", { $0.exp() }, -2...2), ("log", { $0.log() }, 0.3...3), ("sqrt", { $0.sqrt() }, 0.3...3),
            ("reciprocal", { $0.reciprocal() }, 0.5...3), ("reciprocal, negative", { $0.reciprocal() }, -3 ... -0.5),
            ("tanh", { $0.tanh() }, -2...2), ("sigmoid", { $0.sigmoid() }, -3...3), ("silu", { $0.silu() }, -3...3),
            ("geluTanh", { $0.geluTanh() }, -3...3), ("gelu", { $0.gelu() }, -3...3), ("relu, positive", { $0.relu() }, 0.1...2),
            ("relu, negative", { $0.relu() }, -2 ... -0.1), ("softplus", { $0.softplus() }, -3...3), ("squaredRelu, positive", { $0.squaredRelu() }, 0.1...2),
            ("squaredRelu, negative", { $0.squaredRelu() }, -2 ... -0.1), ("softDecay", { $0.softDecay() }, -4...4),
            ("sine", { $0.sine() }, -3...3), ("cosine", { $0.cosine() }, -3...3), ("square", { $0.square() }, -2...2),
            ("negation", { -$0 }, -2...2), ("3 x", { 3 * $0 }, -2...2), ("x / 3", { $0 / 3 }, -2...2),
            ("3 / x", { 3 / $0 }, 0.5...2), ("x + 3", { $0 + 3 }, -2...2), ("3 - x", { 3 - $0 }, -2...2),
            ("x - 3", { $0 - 3 }, -2...2),
        ]
    }

    @Test(arguments: unary.indices)
    func derivativesOfOneArgument(_ index: Int) throws {
        let (_, apply, range) = Self.unary[index]
        var random = RandomNumbers(index)
        for shape in [[1], [7], [3, 5], [2, 3, 3]] {
            try GradientCheck(seed: index).run([random.tensor(shape, in: range)]) { apply($0[0]) }
        }
    }

    @Test func valuesOfOneArgument() throws {
        let x = [-30.0, -2.5, -0.75, -1e-3, 0.0, 1e-3, 0.5, 1.75, 6, 30]
        func expect(_ name: String, _ apply: (Tensor) -> Tensor, _ truth: (Double) -> Double, from low: Double = -100) {
            let x = x.filter { $0 >= low }
            for (type, tolerance) in [(ScalarType.float64, 1e-13), (.float32, 1e-6)] {
                let values = apply(Tensor(x, shape: [x.count], type: type)).toArray()
                for (x, y) in zip(x, values) {
                    let expected = truth(type == .float32 ? Double(Float(x)) : x)
                    #expect(
                        abs(y - expected) <= tolerance * max(abs(expected), 1), "\(name)(\(x)) = \(y), not \(expected)")
                }
            }
        }
        expect("sigmoid", { $0.sigmoid() }) { 1 / (1 + exp(-$0)) }
        expect("silu", { $0.silu() }) { $0 / (1 + exp(-$0)) }
        expect("softplus", { $0.softplus() }) { $0 > 20 ? $0 + log1p(exp(-$0)) : log1p(exp($0)) }
        expect("tanh", { $0.tanh() }, tanh)
        expect("relu", { $0.relu() }) { max($0, 0) }
        expect("geluTanh", { $0.geluTanh() }) {
            0.5 * $0 * (1 + tanh((2 / Double.pi).squareRoot() * ($0 + 0.044715 * $0 * $0 * $0)))
        }
        expect("squaredRelu", { $0.squaredRelu() }) { max($0, 0) * max($0, 0) }
        expect("softDecay", { $0.softDecay() }) { exp(-exp(-0.5) / (1 + exp(-$0))) }
        expect("gelu", { $0.gelu() }) { 0.5 * $0 * erfc(-$0 / 2.0.squareRoot()) }
        expect("sine", { $0.sine() }, sin)
        expect("cosine", { $0.cosine() }, cos)
        expect("log", { $0.log() }, log, from: 1e-4)
        expect("sqrt", { $0.sqrt() }, { $0.squareRoot() }, from: 0)
        expect("reciprocal", { $0.reciprocal() }, { 1 / $0 }, from: 1e-4)
    }

    /// Pairs of shapes: equal, a row, a column, a number, an axis inside, both sides.
    static let shapes: [([Int], [Int])] = [
        ([5], [5]), ([3, 4], [3, 4]), ([3, 4], [4]), ([2, 3, 4], [4]), ([2, 3, 4], [3, 4]), ([2, 3, 4], [2, 3, 1]),
        ([2, 3, 4], [2, 1, 4]), ([2, 3, 4], [2, 1, 1]), ([2, 3, 4], [1, 3, 1]), ([3, 4], []), ([3, 4], [1]),
        ([3, 4], [1, 1]),
        ([3, 1], [1, 4]), ([2, 1, 4], [3, 1]), ([1, 5], [5]),
    ]

    @Test(arguments: shapes.indices)
    func derivativesOfTwoArguments(_ index: Int) throws {
        let (a, b) = Self.shapes[index]
        var random = RandomNumbers(index)
        for (a, b) in [(a, b), (b, a)] {
            let (x, y) = (random.tensor(a, in: 0.5...2), random.tensor(b, in: 0.5...2))
            try GradientCheck().run([x, y]) { $0[0] + $0[1] }
            try GradientCheck().run([x, y]) { $0[0] - $0[1] }
            try GradientCheck().run([x, y]) { $0[0] * $0[1] }
            try GradientCheck().run([x, y]) { $0[0] / $0[1] }
        }
    }

    @Test(arguments: shapes.indices)
    func valuesOfTwoArguments(_ index: Int) {
        let (a, b) = Self.shapes[index]
        var random = RandomNumbers(100 + index)
        let (x, y) = (random.tensor(a, in: 0.5...2), random.tensor(b, in: 0.5...2))
        let shape = (x + y).shape
        let values = (x.toArray(), y.toArray())
        func pick(_ values: [Double], _ own: [Int], _ place: Int) -> Double {  // by the definition of broadcasting
            var (rest, offset, stride) = (place, 0, 1)
            for axis in stride_(shape.count) {
                let position = rest % shape[axis]
                rest /= shape[axis]
                let mine = axis - (shape.count - own.count)
                guard mine >= 0 else { continue }
                if own[mine] > 1 { offset += position * stride }
                stride *= own[mine]
            }
            return values[offset]
        }
        func stride_(_ count: Int) -> [Int] { Array((0..<count).reversed()) }
        let pairs = (0..<shape.reduce(1, *)).map { (pick(values.0, a, $0), pick(values.1, b, $0)) }
        func agree(_ found: Tensor, _ expected: [Double]) {
            #expect(found.shape == shape)
            for (x, y) in zip(found.toArray(), expected) { #expect(abs(x - y) <= 1e-15 * max(1, abs(y))) }
        }
        agree(x + y, pairs.map { $0 + $1 })
        agree(x - y, pairs.map { $0 - $1 })
        agree(x * y, pairs.map { $0 * $1 })
        agree(x / y, pairs.map { $0 / $1 })
    }
}
