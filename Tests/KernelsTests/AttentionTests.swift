import Glibc
import Kernels
import Testing

/// Attention written out: every score, one softmax, one weighted sum.
struct AttentionReference {
    var o: [Double]
    var logSumExp: [Double]

    init(_ c: AttentionCase, q: [Double], k: [Double], v: [Double]) {
        o = []
        logSumExp = []
        for r in 0 ..< c.queries {
            let seen = (0 ..< c.keys).filter { c.sees(r, $0) }
            let scores = seen.map { key in
                c.scale * (0 ..< c.keyWidth).reduce(0.0) { $0 + q[r * c.keyWidth + $1] * k[key * c.keyWidth + $1] }
            }
            let largest = scores.max() ?? 0
            let sum = scores.reduce(0) { $0 + exp($1 - largest) }
            logSumExp.append(seen.isEmpty ? -.infinity : largest + log(sum))
            for column in 0 ..< c.valueWidth {
                o.append(
                    seen.isEmpty
                        ? 0 : zip(seen, scores).reduce(0) { $0 + exp($1.1 - largest) / sum * v[$1.0 * c.valueWidth + column] })
            }
        }
    }
}

/// A shape and who sees whom.
struct AttentionCase: CustomStringConvertible {
    var name: String
    var queries: Int
    var keys: Int
    var keyWidth = 16
    var valueWidth = 16
    var visibility: [zk_visibility]

    var scale: Double { 0.5 }
    var description: String { "\(name) \(queries)x\(keys) K=\(keyWidth) V=\(valueWidth)" }

    init(_ name: String, _ queries: Int, _ keys: Int, _ keyWidth: Int, _ valueWidth: Int, _ row: (Int) -> [Range<Int>]) {
        self.name = name
        (self.queries, self.keys, self.keyWidth, self.valueWidth) = (queries, keys, keyWidth, valueWidth)
        visibility = (0 ..< queries).map { r in
            let ranges = row(r)
            func bound(_ i: Int, _ end: Bool) -> Int32 {
                i < ranges.count ? Int32(end ? ranges[i].upperBound : ranges[i].lowerBound) : 0
            }
            return zk_visibility(begin: (bound(0, false), bound(1, false)), end: (bound(0, true), bound(1, true)))
        }
    }

    func sees(_ row: Int, _ key: Int) -> Bool {
        let v = visibility[row]
        return (Int(v.begin.0) ..< max(Int(v.begin.0), Int(v.end.0))).contains(key)
            || (Int(v.begin.1) ..< max(Int(v.begin.1), Int(v.end.1))).contains(key)
    }

    static func causal(_ t: Int, _ k: Int = 16, _ v: Int = 16, offset: Int = 0) -> Self {
        Self("causal+\(offset)", t, t + offset, k, v) { [0 ..< $0 + offset + 1] }
    }
    static func sliding(_ t: Int, _ k: Int = 16, _ v: Int = 16, offset: Int = 0) -> Self {
        Self("sliding+\(offset)", t, t + offset, k, v) { [max(0, $0 + offset - 7) ..< $0 + offset + 1] }
    }
    static func full(_ t: Int, _ s: Int, _ k: Int = 16, _ v: Int = 16) -> Self { Self("full", t, s, k, v) { _ in [0 ..< s] } }
    /// Keys are the clean text and then the noised one: a block sees earlier clean blocks and itself.
    static func blockDiffusion(_ t: Int, block: Int, _ k: Int = 16, _ v: Int = 16) -> Self {
        Self("block diffusion", t, 2 * t, k, v) { r in
            let begin = r / block * block
            return [0 ..< begin, t + begin ..< min(2 * t, t + begin + block)]
        }
    }
    /// Every third row sees nothing; others see two ranges, some of which overlap, touch or contain each other.
    static func holes(_ t: Int, _ s: Int, _ k: Int = 16, _ v: Int = 16) -> Self {
        Self("holes", t, s, k, v) { r in
            switch r % 6 {
            case 0, 3: []
            case 1: [s / 4 ..< s / 2, s / 3 ..< s]
            case 2: [s / 3 ..< s / 2, 0 ..< s]
            case 4: [s / 2 ..< s, 0 ..< s / 4 + 1]
            default: [r % s ..< r % s + 1]
            }
        }
    }
    /// Later rows see a first tile only, so that tiles between nobody's ranges are passed over.
    static func farApart(_ t: Int, _ k: Int = 16, _ v: Int = 16) -> Self {
        Self("far apart", t, 400, k, v) { r in [0 ..< 3, 397 - r % 3 ..< 400] }
    }

    static let lengths = [1, 2, 63, 64, 65, 100]
    static var all: [AttentionCase] {
        lengths.flatMap { t in
            [
                causal(t), causal(t, offset: 37), sliding(t), sliding(t, offset: 70), full(t, t), full(t, 130),
                blockDiffusion(t, block: 8), holes(t, max(1, t)), farApart(t),
            ]
        } + [
            causal(65, 1, 3), causal(65, 7, 33), causal(100, 32, 32), causal(70, 64, 64), causal(66, 128, 100),
            full(3, 200, 33, 17), full(5, 129, 20, 40), causal(4, 65, 70, offset: 66), causal(130, 24, 8),
        ]
    }
    /// Few enough numbers for central differences.
    static var small: [AttentionCase] {
        [
            causal(1, 3, 2), causal(2, 3, 2), causal(9, 3, 2), sliding(12, 2, 3), full(5, 7, 4, 3), holes(9, 8, 3, 2),
            blockDiffusion(8, block: 3, 2, 2), causal(66, 1, 1), causal(3, 2, 2, offset: 66),
        ]
    }
}

@Suite struct AttentionTests {
    struct Input {
        var q: [Double]
        var k: [Double]
        var v: [Double]
        var dO: [Double]

        init(_ c: AttentionCase) {
            var random = Generator(UInt64(c.queries * 1009 + c.keys * 31 + c.keyWidth))
            q = random.values(c.queries * c.keyWidth, -2, 2)
            k = random.values(c.keys * c.keyWidth, -2, 2)
            v = random.values(c.keys * c.valueWidth)
            dO = random.values(c.queries * c.valueWidth)
        }
    }

    struct Gradients<R: Real> {
        var q: [R]
        var k: [R]
        var v: [R]
    }

    static func forward<R: Real>(_ type: R.Type, _ c: AttentionCase, _ x: Input) -> (o: [R], logSumExp: [R]) {
        let (qs, ks, vs, os) = (c.keyWidth + 3, c.keyWidth + 5, c.valueWidth + 1, c.valueWidth + 2)
        var o = poison(c.queries * os, R.self)
        var logSumExp = poison(c.queries + 1, R.self)
        let size = Int(R.attentionWorkspace(Int64(c.keyWidth), Int64(c.valueWidth)))
        var workspace = poison(size + 1, R.self)
        R.attention(
            Int64(c.queries), Int64(c.keys), Int64(c.keyWidth), Int64(c.valueWidth), R(c.scale),
            strided(x.q, width: c.keyWidth, stride: qs).to(R.self), Int64(qs),
            strided(x.k, width: c.keyWidth, stride: ks).to(R.self), Int64(ks),
            strided(x.v, width: c.valueWidth, stride: vs).to(R.self), Int64(vs), c.visibility, &o, Int64(os), &logSumExp,
            &workspace)
        #expect(logSumExp[c.queries].isNaN && workspace[size].isNaN, "wrote behind the end")
        return (unstrided(o, width: c.valueWidth, stride: os), Array(logSumExp.prefix(c.queries)))
    }

    /// dk and dv start at 0.5 and -0.5: they are accumulated.
    static func backward<R: Real>(_ type: R.Type, _ c: AttentionCase, _ x: Input) -> Gradients<R> {
        let (o, logSumExp) = forward(R.self, c, x)
        let (dqs, dks, dvs, dos) = (c.keyWidth + 1, c.keyWidth + 2, c.valueWidth + 4, c.valueWidth + 3)
        var dq = poison(c.queries * dqs, R.self)
        let half = [Double](repeating: 0.5, count: c.keys * c.keyWidth)
        let minusHalf = [Double](repeating: -0.5, count: c.keys * c.valueWidth)
        var dk = strided(half, width: c.keyWidth, stride: dks).to(R.self)
        var dv = strided(minusHalf, width: c.valueWidth, stride: dvs).to(R.self)
        let size = Int(R.attentionBackwardWorkspace(Int64(c.queries), Int64(c.keyWidth), Int64(c.valueWidth)))
        var workspace = poison(size + 1, R.self)
        R.attentionBackward(
            Int64(c.queries), Int64(c.keys), Int64(c.keyWidth), Int64(c.valueWidth), R(c.scale), x.q.to(R.self),
            Int64(c.keyWidth), x.k.to(R.self), Int64(c.keyWidth), x.v.to(R.self), Int64(c.valueWidth), c.visibility, o,
            Int64(c.valueWidth), logSumExp, strided(x.dO, width: c.valueWidth, stride: dos).to(R.self), Int64(dos), &dq,
            Int64(dqs), &dk, Int64(dks), &dv, Int64(dvs), &workspace)
        #expect(workspace[size].isNaN, "wrote behind the workspace")
        return Gradients(
            q: unstrided(dq, width: c.keyWidth, stride: dqs), k: unstrided(dk, width: c.keyWidth, stride: dks),
            v: unstrided(dv, width: c.valueWidth, stride: dvs))
    }

    @Test(arguments: AttentionCase.all) func agreesWithReference(_ c: AttentionCase) {
        let x = Input(c)
        let expected = AttentionReference(c, q: x.q, k: x.k, v: x.v)
        let single = Self.forward(Float.self, c, x)
        expectClose(single.o, expected.o, "o")
        expectClose(single.logSumExp, expected.logSumExp, "log_sum_exp")
        let double = Self.forward(Double.self, c, x)
        expectClose(double.o, expected.o, "o")
        expectClose(double.logSumExp, expected.logSumExp, "log_sum_exp")
    }

    @Test(arguments: AttentionCase.small) func gradientsAgreeWithDifferences(_ c: AttentionCase) {
        let x = Input(c)
        let gradients = Self.backward(Double.self, c, x)
        func loss(_ q: [Double], _ k: [Double], _ v: [Double]) -> Double { dot(x.dO, AttentionReference(c, q: q, k: k, v: v).o) }
        expectClose(gradients.v, differences(x.v) { loss(x.q, x.k, $0) }.map { $0 - 0.5 }, "dv", tolerance: 1e-6)
        expectClose(gradients.k, differences(x.k) { loss(x.q, $0, x.v) }.map { $0 + 0.5 }, "dk", tolerance: 1e-6)
        // Queries that see one key have no gradient: nothing to be relative to when all do.
        let dq = differences(x.q) { loss($0, x.k, x.v) }
        if (dq.map { abs($0) }.max() ?? 0) > 1e-3 { expectClose(gradients.q, dq, "dq", tolerance: 1e-6) }
    }

    /// The gradients written out (P, dP, dS) against the kernel, at every shape.
    @Test(arguments: AttentionCase.all) func gradientsAgreeWithReference(_ c: AttentionCase) {
        let x = Input(c)
        let forward = AttentionReference(c, q: x.q, k: x.k, v: x.v)
        let (kw, vw) = (c.keyWidth, c.valueWidth)
        var dq = [Double](repeating: 0, count: x.q.count)
        var dk = [Double](repeating: 0.5, count: x.k.count)
        var dv = [Double](repeating: -0.5, count: x.v.count)
        for r in 0 ..< c.queries {
            let delta = (0 ..< vw).reduce(0.0) { $0 + x.dO[r * vw + $1] * forward.o[r * vw + $1] }
            for key in 0 ..< c.keys where c.sees(r, key) {
                let score = c.scale * (0 ..< kw).reduce(0.0) { $0 + x.q[r * kw + $1] * x.k[key * kw + $1] }
                let p = exp(score - forward.logSumExp[r])
                let dp = (0 ..< vw).reduce(0.0) { $0 + x.dO[r * vw + $1] * x.v[key * vw + $1] }
                let ds = c.scale * p * (dp - delta)
                for i in 0 ..< vw { dv[key * vw + i] += p * x.dO[r * vw + i] }
                for i in 0 ..< kw {
                    dk[key * kw + i] += ds * x.q[r * kw + i]
                    dq[r * kw + i] += ds * x.k[key * kw + i]
                }
            }
        }
        let single = Self.backward(Float.self, c, x)
        let double = Self.backward(Double.self, c, x)
        let compareQueries = (dq.map { abs($0) }.max() ?? 0) > 1e-3
        expectClose(single.v, dv, "dv", tolerance: 1e-5)
        expectClose(single.k, dk, "dk", tolerance: 1e-5)
        expectClose(double.v, dv, "dv", tolerance: 1e-12)
        expectClose(double.k, dk, "dk", tolerance: 1e-12)
        if compareQueries {
            expectClose(single.q, dq, "dq", tolerance: 1e-5)
            expectClose(double.q, dq, "dq", tolerance: 1e-12)
        } else {
            #expect(single.q.allSatisfy { abs($0) < 1e-5 } && double.q.allSatisfy { abs($0) < 1e-12 })
        }
    }
}
