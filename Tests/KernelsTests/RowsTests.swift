import Glibc
import Kernels
import Testing

@Suite struct RowsTests {
    static let widths = [1, 2, 15, 17, 63, 64, 65, 100]

    private func checkRows<R: Real>(_ type: R.Type, _ width: Int) {
        let rows = 5
        var random = Generator(UInt64(width))
        let x = random.values(rows * width)
        let b = random.values(width)
        var y = poison(rows * width, R.self)
        R.addRow(Int64(rows), Int64(width), x.to(R.self), b.to(R.self), &y)
        expectClose(y, x.indices.map { x[$0] + b[$0 % width] }, "add_row")
        R.multiplyRow(Int64(rows), Int64(width), x.to(R.self), b.to(R.self), &y)
        expectClose(y, x.indices.map { x[$0] * b[$0 % width] }, "multiply_row")
        var total = b.to(R.self)
        R.accumulateRows(Int64(rows), Int64(width), x.to(R.self), &total)
        expectClose(total, (0 ..< width).map { c in b[c] + (0 ..< rows).reduce(0) { $0 + x[$1 * width + c] } }, "accumulate_rows")
        let byRow = (0 ..< rows).map { Array(x[$0 * width ..< ($0 + 1) * width]) }
        var each = poison(rows, R.self)
        R.sumColumns(Int64(rows), Int64(width), x.to(R.self), &each)
        expectClose(each, byRow.map { $0.reduce(0, +) }, "sum_columns")
        R.maxColumns(Int64(rows), Int64(width), x.to(R.self), &each)
        expectClose(each, byRow.map { $0.max() ?? 0 }, "max_columns", tolerance: 0)
        let count = Int64(x.count)
        #expect(abs(R.sum(count, x.to(R.self)) - x.reduce(0, +)) < 1e-13 * Double(x.count))
        #expect(abs(R.sumOfSquares(count, x.to(R.self)) - x.reduce(0) { $0 + $1 * $1 }) < 1e-13 * Double(x.count))
        #expect(R.allFinite(count, x.to(R.self)) == 1)
        for bad in [R.nan, R.infinity, -R.infinity] {
            for at in [0, x.count / 2, x.count - 1] {
                var broken = x.to(R.self)
                broken[at] = bad
                #expect(R.allFinite(count, broken) == 0, "\(bad) at \(at) of \(x.count) unseen")
            }
        }
    }

    @Test(arguments: widths) func rows(_ width: Int) {
        checkRows(Float.self, width)
        checkRows(Double.self, width)
    }

    private func softmaxReference(_ x: [Double], _ width: Int) -> [Double] {
        x.indices.map { i in
            let row = x[i / width * width ..< (i / width + 1) * width]
            let largest = row.max() ?? 0
            return exp(x[i] - largest) / row.reduce(0) { $0 + exp($1 - largest) }
        }
    }

    private func logSumExpReference(_ row: [Double]) -> Double {
        let largest = row.max() ?? 0
        return largest + log(row.reduce(0) { $0 + exp($1 - largest) })
    }

    private func checkSoftmax<R: Real>(_ type: R.Type, _ width: Int) {
        let rows = 3
        var random = Generator(UInt64(width))
        var x = random.values(rows * width, -5, 5)
        x[0] = 80  // one row with a steep winner
        let dy = random.values(rows * width)
        var y = poison(rows * width, R.self)
        R.softmax(Int64(rows), Int64(width), x.to(R.self), &y)
        expectClose(y, softmaxReference(x, width), "softmax")
        var dx = poison(rows * width, R.self)
        R.softmaxBackward(Int64(rows), Int64(width), y, dy.to(R.self), &dx)
        let expected = differences(x) { dot(dy, self.softmaxReference($0, width)) }
        // A row of one has gradient 0 by cancellation: nothing to be relative to.
        if width > 1 { expectClose(dx, expected, "softmax_backward", tolerance: max(R.tolerance, 1e-6)) }
        var each = poison(rows, R.self)
        R.logSumExp(Int64(rows), Int64(width), x.to(R.self), &each)
        expectClose(each, (0 ..< rows).map { self.logSumExpReference(Array(x[$0 * width ..< ($0 + 1) * width])) }, "log_sum_exp")
    }

    @Test(arguments: widths) func softmax(_ width: Int) {
        checkSoftmax(Float.self, width)
        checkSoftmax(Double.self, width)
    }

    private func checkCrossEntropy<R: Real>(_ type: R.Type, _ width: Int) {
        let rows = 5
        var random = Generator(UInt64(width))
        let x = random.values(rows * width, -5, 5)
        let target = (0 ..< rows).map { $0 == 2 ? Int32(-1) : Int32(($0 * 7) % width) }
        let weight = [1.0, 0.25, 3.0, -0.5, 0.0]
        func losses(_ x: [Double]) -> [Double] {
            (0 ..< rows).map { r in
                target[r] < 0
                    ? 0 : self.logSumExpReference(Array(x[r * width ..< (r + 1) * width])) - x[r * width + Int(target[r])]
            }
        }
        var loss = poison(rows, R.self)
        R.crossEntropy(Int64(rows), Int64(width), x.to(R.self), target, &loss)
        // A row of one loses nothing at all, up to rounding of its logit.
        let size = max(losses(x).max() ?? 0, 5)
        for (a, e) in zip(loss, losses(x)) { #expect(abs(Double(a) - e) <= R.tolerance * size) }
        var logits = x.to(R.self)
        var again = poison(rows, R.self)
        R.crossEntropyGradient(Int64(rows), Int64(width), &logits, target, weight.to(R.self), &again)
        for (a, e) in zip(again, losses(x)) { #expect(abs(Double(a) - e) <= R.tolerance * size) }
        let expected = differences(x) { dot(weight, losses($0)) }
        if width > 1 {
            expectClose(logits, expected, "cross_entropy_gradient", tolerance: max(R.tolerance, 1e-6))
        } else {
            #expect(logits.allSatisfy { abs($0) <= 1e-6 })
        }
        #expect(logits[2 * width ..< 3 * width].allSatisfy { $0 == 0 }, "a row without a target has a gradient")
    }

    @Test(arguments: widths) func crossEntropy(_ width: Int) {
        checkCrossEntropy(Float.self, width)
        checkCrossEntropy(Double.self, width)
    }

    private func checkRMSNorm<R: Real>(_ type: R.Type, _ width: Int, weighted: Bool) {
        let rows = 3
        var random = Generator(UInt64(width))
        let x = random.values(rows * width, -2, 2)
        let weight = weighted ? random.values(width, 0.5, 1.5) : [Double](repeating: 1, count: width)
        let dy = random.values(rows * width)
        let epsilon = 0.0009765625
        func reference(_ x: [Double], _ weight: [Double]) -> [Double] {
            x.indices.map { i in
                let row = x[i / width * width ..< (i / width + 1) * width]
                return weight[i % width] * x[i] / (row.reduce(0) { $0 + $1 * $1 } / Double(width) + epsilon).squareRoot()
            }
        }
        var y = poison(rows * width, R.self)
        var inverse = poison(rows, R.self)
        let w: [R]? = weighted ? weight.to(R.self) : nil
        var dx = poison(rows * width, R.self)
        var dweight = [R](repeating: 0.5, count: width)
        withOptional(w) { w in
            R.rmsNorm(Int64(rows), Int64(width), x.to(R.self), w, R(epsilon), &y, &inverse)
            R.rmsNormBackward(Int64(rows), Int64(width), x.to(R.self), w, inverse, dy.to(R.self), &dx, &dweight)
        }
        let tolerance = max(R.tolerance, 1e-6)
        expectClose(y, reference(x, weight), "rms_norm")
        // Of one value only its sign is left, and dx is the difference of two equal terms.
        if width > 1 {
            expectClose(dx, differences(x) { dot(dy, reference($0, weight)) }, "rms_norm_backward dx", tolerance: tolerance)
        }
        expectClose(
            dweight, differences(weight) { dot(dy, reference(x, $0)) }.map { $0 + 0.5 }, "rms_norm_backward dweight",
            tolerance: tolerance)
        var alone = poison(rows * width, R.self)
        withOptional(w) { R.rmsNormBackward(Int64(rows), Int64(width), x.to(R.self), $0, inverse, dy.to(R.self), &alone, nil) }
        #expect(alone == dx, "dx depends on whether dweight is wanted")
    }

    @Test(arguments: widths) func rmsNorm(_ width: Int) {
        for weighted in [true, false] {
            checkRMSNorm(Float.self, width, weighted: weighted)
            checkRMSNorm(Double.self, width, weighted: weighted)
        }
    }

    private func checkLayerNorm<R: Real>(_ type: R.Type, _ width: Int, affine: Bool) {
        let rows = 3
        var random = Generator(UInt64(width))
        let x = random.values(rows * width, -2, 6)
        let weight = affine ? random.values(width, 0.5, 1.5) : [Double](repeating: 1, count: width)
        let bias = affine ? random.values(width) : [Double](repeating: 0, count: width)
        let dy = random.values(rows * width)
        let epsilon = 0.0009765625
        func reference(_ x: [Double], _ weight: [Double], _ bias: [Double]) -> [Double] {
            x.indices.map { i in
                let row = x[i / width * width ..< (i / width + 1) * width]
                let mean = row.reduce(0, +) / Double(width)
                let variance = row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(width)
                return weight[i % width] * (x[i] - mean) / (variance + epsilon).squareRoot() + bias[i % width]
            }
        }
        var y = poison(rows * width, R.self)
        var mean = poison(rows, R.self)
        var inverse = poison(rows, R.self)
        var dx = poison(rows * width, R.self)
        var dweight = [R](repeating: 0.5, count: width)
        var dbias = [R](repeating: -0.5, count: width)
        let w: [R]? = affine ? weight.to(R.self) : nil
        let b: [R]? = affine ? bias.to(R.self) : nil
        withOptional(w) { w in
            withOptional(b) { b in
                R.layerNorm(Int64(rows), Int64(width), x.to(R.self), w, b, R(epsilon), &y, &mean, &inverse)
            }
            R.layerNormBackward(
                Int64(rows), Int64(width), x.to(R.self), w, mean, inverse, dy.to(R.self), &dx, &dweight, &dbias)
        }
        let tolerance = max(2 * R.tolerance, 1e-6)
        if width > 1 || affine { expectClose(y, reference(x, weight, bias), "layer_norm", tolerance: 2 * R.tolerance) }
        if width > 2 {
            expectClose(dx, differences(x) { dot(dy, reference($0, weight, bias)) }, "layer_norm_backward dx", tolerance: tolerance)
        }
        expectClose(
            dweight, differences(weight) { dot(dy, reference(x, $0, bias)) }.map { $0 + 0.5 }, "layer_norm_backward dweight",
            tolerance: tolerance)
        expectClose(
            dbias, differences(bias) { dot(dy, reference(x, weight, $0)) }.map { $0 - 0.5 }, "layer_norm_backward dbias",
            tolerance: tolerance)
    }

    @Test(arguments: widths) func layerNorm(_ width: Int) {
        for affine in [true, false] {
            checkLayerNorm(Float.self, width, affine: affine)
            checkLayerNorm(Double.self, width, affine: affine)
        }
    }
}
