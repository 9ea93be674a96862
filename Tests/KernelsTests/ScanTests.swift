import Glibc
import Kernels
import Testing

/// The selective scan written out token by token, channel by channel, state by state.
struct ScanReference {
    var y: [Double] = []
    var state: [Double]

    init(_ s: ScanTests.Shape, _ x: ScanTests.Input, state start: [Double]) {
        state = start
        for t in 0 ..< s.tokens {
            for c in 0 ..< s.channels {
                let (u, delta) = (x.u[t * s.channels + c], x.delta[t * s.channels + c])
                var sum = x.d[c] * u
                for n in 0 ..< s.states {
                    let at = c * s.states + n
                    state[at] = exp(delta * x.a[at]) * state[at] + delta * x.b[t * s.states + n] * u
                    sum += x.c[t * s.states + n] * state[at]
                }
                let gate = x.z[t * s.channels + c]
                y.append(s.gated ? sum * gate * sigmoid(gate) : sum)
            }
        }
    }
}

@Suite struct ScanTests {
    struct Shape {
        var tokens: Int
        var channels: Int
        var states: Int
        var gated = true
    }

    struct Input {
        var u: [Double]
        var delta: [Double]
        var a: [Double]
        var b: [Double]
        var c: [Double]
        var d: [Double]
        var z: [Double]
        var dy: [Double]

        init(_ s: Shape) {
            var random = Generator(UInt64(s.tokens * 1009 + s.channels * 31 + s.states))
            u = random.values(s.tokens * s.channels)
            delta = random.values(s.tokens * s.channels, 0.01, 0.3)
            a = random.values(s.channels * s.states, -8, -0.1)
            b = random.values(s.tokens * s.states)
            c = random.values(s.tokens * s.states)
            d = random.values(s.channels)
            z = random.values(s.tokens * s.channels, -2, 2)
            dy = random.values(s.tokens * s.channels)
        }
    }

    struct Result<R: Real> {
        var y: [R]
        var state: [R]
        var checkpoints: [R]
    }

    private static func run<R: Real>(
        _ type: R.Type, _ s: Shape, _ x: Input, state: [R], from first: Int = 0, checkpointed: Bool = true
    ) -> Result<R> {
        let tokens = s.tokens - first
        let ys = s.channels + 1
        let us = s.channels + 2
        let bs = s.states + 1
        var y = poison(tokens * ys, R.self)
        var state = state
        let chunks = (tokens + R.scanChunk - 1) / R.scanChunk
        var checkpoints = poison(chunks * s.channels * s.states + 1, R.self)
        func rows(_ values: [Double], _ width: Int, _ stride: Int) -> [R] {
            strided(Array(values[(first * width)...]), width: width, stride: stride).to(R.self)
        }
        withOptional(s.gated ? rows(x.z, s.channels, us) : nil) { z in
            func scan(_ saved: UnsafeMutablePointer<R>?) {
                R.scan(
                    Int64(tokens), Int64(s.channels), Int64(s.states), rows(x.u, s.channels, us), Int64(us),
                    rows(x.delta, s.channels, us), Int64(us), x.a.to(R.self), rows(x.b, s.states, bs), Int64(bs),
                    rows(x.c, s.states, bs), Int64(bs), x.d.to(R.self), z, Int64(us), &y, Int64(ys), &state, saved)
            }
            if checkpointed {
                checkpoints.withUnsafeMutableBufferPointer { scan($0.baseAddress) }
            } else {
                scan(nil)
            }
        }
        #expect(checkpoints.last?.isNaN == true, "wrote behind the checkpoints")
        return Result(
            y: unstrided(y, width: s.channels, stride: ys), state: state, checkpoints: Array(checkpoints.dropLast()))
    }

    private func checkForward<R: Real>(_ type: R.Type, _ s: Shape) {
        let x = Input(s)
        var random = Generator(7)
        let start = random.values(s.channels * s.states)
        let expected = ScanReference(s, x, state: start)
        let result = Self.run(R.self, s, x, state: start.to(R.self))
        expectClose(result.y, expected.y, "y \(s)")
        expectClose(result.state, expected.state, "state \(s)")
        #expect(Array(result.checkpoints.prefix(start.count)) == start.to(R.self))
        let without = Self.run(R.self, s, x, state: start.to(R.self), checkpointed: false)
        #expect(without.y == result.y && without.state == result.state)
    }

    static let shapes = [
        Shape(tokens: 1, channels: 1, states: 1), Shape(tokens: 2, channels: 17, states: 16), Shape(tokens: 63, channels: 16, states: 3),
        Shape(tokens: 64, channels: 8, states: 16), Shape(tokens: 65, channels: 33, states: 5), Shape(tokens: 100, channels: 20, states: 16),
        Shape(tokens: 32, channels: 32, states: 16, gated: false), Shape(tokens: 10, channels: 5, states: 67),
        Shape(tokens: 9, channels: 3, states: 130, gated: false),
    ]

    @Test(arguments: shapes) func agrees(_ shape: Shape) {
        checkForward(Float.self, shape)
        checkForward(Double.self, shape)
    }

    /// Two halves, the state carried over, are one whole, bit for bit.
    @Test func continues() {
        let s = Shape(tokens: 50, channels: 19, states: 16)
        let x = Input(s)
        let whole = Self.run(Float.self, s, x, state: [Float](repeating: 0, count: 19 * 16))
        var head = s
        head.tokens = 23
        var headInput = x
        headInput.u = Array(x.u.prefix(23 * 19))
        headInput.delta = Array(x.delta.prefix(23 * 19))
        headInput.z = Array(x.z.prefix(23 * 19))
        headInput.b = Array(x.b.prefix(23 * 16))
        headInput.c = Array(x.c.prefix(23 * 16))
        let first = Self.run(Float.self, head, headInput, state: [Float](repeating: 0, count: 19 * 16))
        let second = Self.run(Float.self, s, x, state: first.state, from: 23)
        #expect(first.y + second.y == whole.y)
        #expect(second.state == whole.state)
    }

    struct Gradients<R: Real> {
        var u: [R]
        var delta: [R]
        var a: [R]
        var b: [R]
        var c: [R]
        var d: [R]
        var z: [R]
    }

    /// da, db, dc and dd start at 0.5: they are accumulated.
    private static func backward<R: Real>(_ type: R.Type, _ s: Shape, _ x: Input) -> Gradients<R> {
        let forward = run(R.self, s, x, state: [R](repeating: 0, count: s.channels * s.states))
        let (dus, dbs) = (s.channels + 1, s.states + 2)
        var du = poison(s.tokens * dus, R.self)
        var ddelta = du
        var dz = du
        let half = strided([Double](repeating: 0.5, count: s.tokens * s.states), width: s.states, stride: dbs).to(R.self)
        var db = half
        var dc = half
        var da = [R](repeating: 0.5, count: s.channels * s.states)
        var dd = [R](repeating: 0.5, count: s.channels)
        let size = Int(R.scanWorkspace(Int64(s.channels), Int64(s.states)))
        var workspace = poison(size + 1, R.self)
        withOptional(s.gated ? x.z.to(R.self) : nil) { z in
            dz.withUnsafeMutableBufferPointer { dz in
                R.scanBackward(
                    Int64(s.tokens), Int64(s.channels), Int64(s.states), x.u.to(R.self), Int64(s.channels), x.delta.to(R.self),
                    Int64(s.channels), x.a.to(R.self), x.b.to(R.self), Int64(s.states), x.c.to(R.self), Int64(s.states),
                    x.d.to(R.self), z, Int64(s.channels), forward.checkpoints, x.dy.to(R.self), Int64(s.channels), &du,
                    Int64(dus), &ddelta, Int64(dus), &da, &db, Int64(dbs), &dc, Int64(dbs), &dd,
                    s.gated ? dz.baseAddress : nil, Int64(dus), &workspace)
            }
        }
        #expect(workspace[size].isNaN, "wrote behind the workspace")
        func rows(_ values: [R], _ width: Int, _ stride: Int) -> [R] { unstrided(values, width: width, stride: stride) }
        return Gradients(
            u: rows(du, s.channels, dus), delta: rows(ddelta, s.channels, dus), a: da, b: rows(db, s.states, dbs),
            c: rows(dc, s.states, dbs), d: dd, z: s.gated ? rows(dz, s.channels, dus) : [])
    }

    @Test(arguments: [
        Shape(tokens: 1, channels: 1, states: 1), Shape(tokens: 2, channels: 3, states: 2), Shape(tokens: 5, channels: 17, states: 3),
        Shape(tokens: 33, channels: 2, states: 2), Shape(tokens: 65, channels: 1, states: 2),
        Shape(tokens: 4, channels: 9, states: 5, gated: false),
    ]) func gradientsAgreeWithDifferences(_ s: Shape) {
        let x = Input(s)
        let gradients = Self.backward(Double.self, s, x)
        let zeros = [Double](repeating: 0, count: s.channels * s.states)
        func numeric(_ path: WritableKeyPath<Input, [Double]>) -> [Double] {
            differences(x[keyPath: path], step: 1e-4) { values in
                var changed = x
                changed[keyPath: path] = values
                return dot(x.dy, ScanReference(s, changed, state: zeros).y)
            }
        }
        expectClose(gradients.u, numeric(\.u), "du", tolerance: 1e-6)
        expectClose(gradients.delta, numeric(\.delta), "ddelta", tolerance: 1e-6)
        expectClose(gradients.a, numeric(\.a).map { $0 + 0.5 }, "da", tolerance: 1e-6)
        expectClose(gradients.b, numeric(\.b).map { $0 + 0.5 }, "db", tolerance: 1e-6)
        expectClose(gradients.c, numeric(\.c).map { $0 + 0.5 }, "dc", tolerance: 1e-6)
        expectClose(gradients.d, numeric(\.d).map { $0 + 0.5 }, "dd", tolerance: 1e-6)
        if s.gated { expectClose(gradients.z, numeric(\.z), "dz", tolerance: 1e-6) }
    }

    @Test(arguments: shapes) func singleAgreesWithDouble(_ s: Shape) {
        let x = Input(s)
        let single = Self.backward(Float.self, s, x)
        let double = Self.backward(Double.self, s, x)
        expectClose(single.u, double.u, "du", tolerance: 1e-5)
        expectClose(single.delta, double.delta, "ddelta", tolerance: 1e-5)
        expectClose(single.a, double.a, "da", tolerance: 1e-5)
        expectClose(single.b, double.b, "db", tolerance: 1e-5)
        expectClose(single.c, double.c, "dc", tolerance: 1e-5)
        expectClose(single.d, double.d, "dd", tolerance: 1e-5)
        expectClose(single.z, double.z, "dz", tolerance: 1e-5)
    }
}
