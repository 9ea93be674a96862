import Glibc
import Kernels
public import PluginHost
public import SequenceModel

/// AdamW over the memory of a model, each parameter as its declaration wants: decay or none, a factor on the rate; buffers are left
/// alone and tied parameters moved once.
///
/// Work is cut into pieces of 65,536 values whatever the number of threads, and sums over pieces are taken in their order: the
/// same bits for any number of threads. Source: Loshchilov and Hutter, arXiv:1711.05101, algorithm 2, with decay multiplied by
/// the learning rate as in PyTorch.
public final class AdamW {
    /// Fixed when it was made; the learning rate comes with each update.
    public let options: AdamWOptions
    private let memory: ParameterMemory
    private let services: any HostServices
    private let pieces: [Piece]
    private let moments: (first: Arena, second: Arena)
    /// Indices of the declarations that are trained.
    public let trainedIndices: [Int]

    private struct Piece {
        var index: Int
        var parameter: UnsafeMutablePointer<Float>
        var gradient: UnsafeMutablePointer<Float>
        var firstMoment: UnsafeMutablePointer<Float>
        var secondMoment: UnsafeMutablePointer<Float>
        var count: Int
        var decays: Bool
        var rateMultiplier: Double
    }

    static let pieceCount = 1 << 16

    /// `memory` has gradients, in float32. Throws `.temporary` when there is not enough memory for two more values a parameter.
    public init(memory: ParameterMemory, options: AdamWOptions, services: any HostServices) throws {
        guard let gradients = memory.gradientViews, memory.scalar == .float32 else {
            throw ZooError(.internalBug, "AdamW needs float32 parameters with gradients")
        }
        self.options = options
        self.memory = memory
        self.services = services
        trainedIndices = memory.ownIndices.filter { !memory.declarations[$0].isBuffer }
        let bytes = trainedIndices.reduce(0) { $0 + memory.views[$1].byteCount }
        moments = (
            try Arena(byteCount: bytes, for: "the optimizer"), try Arena(byteCount: bytes, for: "the optimizer")
        )
        var pieces: [Piece] = []
        var place = 0
        for index in trainedIndices {
            let declaration = memory.declarations[index]
            guard let parameter = memory.views[index].floats?.baseAddress,
                let gradient = gradients[index].floats?.baseAddress,
                let first = moments.first.bytes.baseAddress?.assumingMemoryBound(to: Float.self),
                let second = moments.second.bytes.baseAddress?.assumingMemoryBound(to: Float.self)
            else { continue }
            var offset = 0
            while offset < declaration.count {
                let count = min(AdamW.pieceCount, declaration.count - offset)
                pieces.append(
                    Piece(
                        index: index, parameter: parameter + offset, gradient: gradient + offset,
                        firstMoment: first + place, secondMoment: second + place, count: count,
                        decays: declaration.weightDecay, rateMultiplier: declaration.learningRateMultiplier))
                offset += count
                place += count
            }
        }
        self.pieces = pieces
    }

    /// Euclidean norm of all gradients, accumulated in double. Not finite exactly when some gradient is not: a square of a float32 never
    /// overflows a double.
    public func gradientNorm() -> Double {
        var sums = [Double](repeating: 0, count: pieces.count)
        forEachPiece(result: &sums) { piece, sum in sum.pointee = zk_sum_of_squares_f32(Int64(piece.count), piece.gradient) }
        return sums.reduce(0, +).squareRoot()
    }

    /// Name of the first parameter with a gradient that is not finite.
    public func nonFiniteGradient() -> String? {
        pieces.first { zk_all_finite_f32(Int64($0.count), $0.gradient) == 0 }.map { memory.declarations[$0.index].name }
    }

    /// Name of the first parameter with a value that is not finite.
    public func nonFiniteParameter() -> String? {
        pieces.first { zk_all_finite_f32(Int64($0.count), $0.parameter) == 0 }.map { memory.declarations[$0.index].name }
    }

    /// One update.
    ///
    /// - Parameters:
    ///   - step: counted from 1; decides the correction of the moments.
    ///   - rate: learning rate before each parameter's own factor.
    ///   - gradientScale: multiplies gradients first (clipping).
    public func update(step: Int, rate: Double, gradientScale: Double) {
        let correction1 = Float(1 - pow(options.beta1, Double(step)))
        let correction2 = Float(1 - pow(options.beta2, Double(step)))
        let options = options
        var nothing = [Double](repeating: 0, count: pieces.count)
        forEachPiece(result: &nothing) { piece, _ in
            zk_adamw_f32(
                Int64(piece.count), piece.parameter, piece.gradient, piece.firstMoment, piece.secondMoment,
                Float(rate * piece.rateMultiplier), Float(options.beta1), Float(options.beta2),
                Float(options.epsilon), piece.decays ? Float(options.weightDecay) : 0, correction1, correction2,
                Float(gradientScale))
        }
    }

    /// First and second moments of the trained parameters, in the order of `trainedIndices`: what a checkpoint keeps.
    public var momentViews: [(first: TensorView, second: TensorView)] {
        guard let first = moments.first.bytes.baseAddress, let second = moments.second.bytes.baseAddress else { return [] }
        var offset = 0
        return trainedIndices.map { index in
            defer { offset += memory.views[index].byteCount }
            let shape = memory.declarations[index].shape
            return (
                TensorView(data: first + offset, shape: shape, scalar: .float32),
                TensorView(data: second + offset, shape: shape, scalar: .float32)
            )
        }
    }

    /// What a task of `parallelFor`, which is a C function, finds behind its argument.
    private struct Job {
        var pieces: UnsafePointer<Piece>
        var results: UnsafeMutablePointer<Double>
        var body: (Piece, UnsafeMutablePointer<Double>) -> Void
    }

    private func forEachPiece(result: inout [Double], _ body: (Piece, UnsafeMutablePointer<Double>) -> Void) {
        withoutActuallyEscaping(body) { body in
            pieces.withUnsafeBufferPointer { pieces in
                result.withUnsafeMutableBufferPointer { results in
                    guard let first = pieces.baseAddress, let place = results.baseAddress else { return }
                    var job = Job(pieces: first, results: place, body: body)
                    withUnsafeMutablePointer(to: &job) { job in
                        services.parallelFor(
                            pieces.count,
                            { argument, index in
                                guard let job = argument?.assumingMemoryBound(to: Job.self).pointee else { return }
                                job.body(job.pieces[Int(index)], job.results + Int(index))
                            }, job)
                    }
                }
            }
        }
    }
}
