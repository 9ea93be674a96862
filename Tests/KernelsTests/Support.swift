import Glibc
import Testing

func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
/// 0.5 (1 + tanh(a)) is sigmoid(2 a), which does not cancel.
func geluTanh(_ x: Double) -> Double { x * sigmoid(2 * (2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)) }
func geluTanhSlope(_ x: Double) -> Double {
    let root = (2 / Double.pi).squareRoot()
    let s = sigmoid(2 * root * (x + 0.044715 * x * x * x))
    return s + 2 * x * s * (1 - s) * root * (1 + 3 * 0.044715 * x * x)
}

/// A small fixed generator (SplitMix64), so that every run sees the same numbers.
struct Generator {
    var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> Double {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return Double((z ^ (z >> 31)) >> 11) / Double(1 << 53)
    }

    /// Values between `low` and `high` that both real types hold exactly, so that no test mistakes rounding of its input for an error.
    mutating func values(_ count: Int, _ low: Double = -1, _ high: Double = 1) -> [Double] {
        (0 ..< count).map { _ in Double(Float(low + (high - low) * next())) }
    }
}

extension Array where Element == Double {
    func to<R: Real>(_ type: R.Type) -> [R] { map { R($0) } }
}

/// What a kernel must overwrite, or must not touch.
func poison<R: Real>(_ count: Int, _ type: R.Type) -> [R] { [R](repeating: .nan, count: count) }

/// Rows with a stride: `width` values and then `stride - width` that no kernel may touch.
func strided(_ values: [Double], width: Int, stride: Int, filler: Double = .nan) -> [Double] {
    precondition(values.count % width == 0 && stride >= width)
    var result: [Double] = []
    for row in 0 ..< values.count / width {
        result += values[row * width ..< (row + 1) * width]
        result += [Double](repeating: filler, count: stride - width)
    }
    return result
}

/// The rows' values, and a failure when the gaps between them were written.
func unstrided<R: Real>(_ values: [R], width: Int, stride: Int, _ location: SourceLocation = #_sourceLocation) -> [R] {
    var result: [R] = []
    for row in 0 ..< values.count / stride {
        result += values[row * stride ..< row * stride + width]
        let untouched = values[row * stride + width ..< (row + 1) * stride].allSatisfy { $0.isNaN }
        #expect(untouched, "wrote behind row \(row)", sourceLocation: location)
    }
    return result
}

/// Every element within `tolerance` of `expected`, relative to the largest expected magnitude.
func expectClose<R: Real>(
    _ actual: [R], _ expected: [Double], _ label: String = "", tolerance: Double? = nil,
    _ location: SourceLocation = #_sourceLocation
) {
    guard actual.count == expected.count else {
        Issue.record("\(label): \(actual.count) values instead of \(expected.count)", sourceLocation: location)
        return
    }
    let size = expected.filter { $0.isFinite }.map { abs($0) }.max() ?? 0
    let allowed = (tolerance ?? R.tolerance) * size
    var worst = 0.0
    var at = -1
    for (i, (a, e)) in zip(actual, expected).enumerated() {
        let error = Double(a) == e ? 0 : abs(Double(a) - e)
        if !(error <= worst) { (worst, at) = (error, i) }
        if worst.isNaN { break }
    }
    #expect(
        worst <= allowed,
        "\(label) [\(R.self)]: element \(at) is \(at >= 0 ? Double(actual[at]) : 0), expected \(at >= 0 ? expected[at] : 0), largest \(size)",
        sourceLocation: location)
}

/// The gradient of a scalar function by central differences.
func differences(_ x: [Double], step: Double = 1e-5, _ loss: ([Double]) -> Double) -> [Double] {
    var point = x
    return x.indices.map { i in
        point[i] = x[i] + step
        let above = loss(point)
        point[i] = x[i] - step
        let below = loss(point)
        point[i] = x[i]
        return (above - below) / (2 * step)
    }
}

func dot<R: Real>(_ a: [Double], _ b: [R]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * Double($1.1) } }

/// A pointer to the array, or null for none.
func withOptional<R: Real>(_ array: [R]?, _ body: (UnsafePointer<R>?) -> Void) {
    guard let array else { return body(nil) }
    array.withUnsafeBufferPointer { body($0.baseAddress) }
}
