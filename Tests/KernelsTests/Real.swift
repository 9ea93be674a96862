import Kernels

/// The two real types, each with its compiled kernels, so that every test is written once.
///
/// Kernels appear as values of function type; Swift's automatic conversion of arrays to pointers works through them.
protocol Real: BinaryFloatingPoint, Sendable {
    typealias In = UnsafePointer<Self>
    typealias Out = UnsafeMutablePointer<Self>
    typealias Unary = (Int64, In, Out) -> Void
    typealias UnaryBackward = (Int64, In, In, Out) -> Void
    typealias Binary = (Int64, In, In, Out) -> Void

    /// Largest error that a kernel may have, relative to the largest value of its result.
    static var tolerance: Double { get }

    static var gemm: (Int32, Int32, Int64, Int64, Int64, Self, In, Int64, In, Int64, Self, Out, Int64) -> Void { get }
    static var gemv: (Int64, Int64, In, Int64, In, Self, Out) -> Void { get }

    static var fill: (Int64, Self, Out) -> Void { get }
    static var binary: [(name: String, kernel: Binary, reference: (Double, Double) -> Double)] { get }
    static var scale: (Int64, Self, In, Out) -> Void { get }
    static var addScalar: (Int64, Self, In, Out) -> Void { get }
    static var accumulate: (Int64, Self, In, Out) -> Void { get }
    static var accumulateProduct: Binary { get }
    static var unary: [UnaryCase<Self>] { get }
    static var swiglu: (Int64, Int64, In, In, Int64, Out, Int64) -> Void { get }
    static var swigluBackward: (Int64, Int64, In, In, Int64, In, Int64, Out, Out, Int64) -> Void { get }

    static var addRow: (Int64, Int64, In, In, Out) -> Void { get }
    static var multiplyRow: (Int64, Int64, In, In, Out) -> Void { get }
    static var accumulateRows: (Int64, Int64, In, Out) -> Void { get }
    static var sumColumns: (Int64, Int64, In, Out) -> Void { get }
    static var maxColumns: (Int64, Int64, In, Out) -> Void { get }
    static var sum: (Int64, In) -> Double { get }
    static var sumOfSquares: (Int64, In) -> Double { get }
    static var allFinite: (Int64, In) -> Int32 { get }
    static var softmax: (Int64, Int64, In, Out) -> Void { get }
    static var softmaxBackward: (Int64, Int64, In, In, Out) -> Void { get }
    static var logSumExp: (Int64, Int64, In, Out) -> Void { get }
    static var crossEntropy: (Int64, Int64, In, UnsafePointer<Int32>, Out) -> Void { get }
    static var crossEntropyGradient: (Int64, Int64, Out, UnsafePointer<Int32>, In, Out) -> Void { get }
    static var rmsNorm: (Int64, Int64, In, In?, Self, Out, Out) -> Void { get }
    static var rmsNormBackward: (Int64, Int64, In, In?, In, In, Out, Out?) -> Void { get }
    static var layerNorm: (Int64, Int64, In, In?, In?, Self, Out, Out, Out) -> Void { get }
    static var layerNormBackward: (Int64, Int64, In, In?, In, In, In, Out, Out?, Out?) -> Void { get }

    static var gatherRows: (Int64, Int64, In, Int64, UnsafePointer<Int32>, Out) -> Void { get }
    static var scatterRows: (Int64, Int64, In, Int64, Int64, UnsafePointer<Int32>, Out, Int64) -> Void { get }
    static var rotary:
        (Int64, Int64, Int64, Int64, Int32, Int32, UnsafePointer<Int32>, In, In, In, Int64, Out, Int64) -> Void { get }

    static var attentionWorkspace: (Int64, Int64) -> Int64 { get }
    static var attention:
        (Int64, Int64, Int64, Int64, Self, In, Int64, In, Int64, In, Int64, UnsafePointer<zk_visibility>, Out, Int64, Out,
            Out) -> Void { get }
    static var attentionBackwardWorkspace: (Int64, Int64, Int64) -> Int64 { get }
    static var attentionBackward:
        (Int64, Int64, Int64, Int64, Self, In, Int64, In, Int64, In, Int64, UnsafePointer<zk_visibility>, In, Int64, In, In,
            Int64, Out, Int64, Out, Int64, Out, Int64, Out) -> Void { get }

    static var convolution: (Int64, Int64, Int64, Int32, In, Int64, In, In?, In?, Out, Int64) -> Void { get }
    static var convolutionBackward:
        (Int64, Int64, Int64, Int32, In, Int64, In, In?, In, Int64, Out, Int64, Out, Out?, Out) -> Void { get }

    static var scanChunk: Int { get }
    static var scan:
        (Int64, Int64, Int64, In, Int64, In, Int64, In, In, Int64, In, Int64, In, In?, Int64, Out, Int64, Out, Out?) -> Void
    { get }
    static var scanWorkspace: (Int64, Int64) -> Int64 { get }
    static var scanBackward:
        (Int64, Int64, Int64, In, Int64, In, Int64, In, In, Int64, In, Int64, In, In?, Int64, In, In, Int64, Out, Int64, Out,
            Int64, Out, Out, Int64, Out, Int64, Out, Out?, Int64, Out) -> Void { get }

    static var adamw: (Int64, Out, In, Out, Out, Self, Self, Self, Self, Self, Self, Self, Self) -> Void { get }
}

/// A one-argument kernel, its derivative's kernel, and what both should give.
struct UnaryCase<R: Real> {
    var name: String
    var kernel: R.Unary
    var backward: R.UnaryBackward
    var reference: (Double) -> Double
    var derivative: (Double) -> Double
    /// Arguments at which it is defined and well conditioned: far to the left the GELU is the exponential of a
    /// rounded cube.
    var domain: ClosedRange<Double>
}
