import Kernels
import SequenceModel

/// What goes over all parameters: the optimizer, the gradient's norm, clearing.
func streamCases(_ shape: KernelBenchmark.Shape) -> [KernelCase] {
    let block = min(1 << 16, shape.streamed)
    let pieces = shape.streamed / block
    let count = pieces * block
    let (parameter, gradient) = (AlignedBuffer(count, seed: 1), AlignedBuffer(count, seed: 2))
    let (first, second) = (AlignedBuffer(count, filledWith: 0), AlignedBuffer(count, filledWith: 1))
    let sums = AlignedBuffer(pieces, filledWith: 0)
    let n = Int64(block)
    func work(_ name: String, bytes: Double, _ body: @escaping (Int) -> Void) -> KernelCase {
        KernelCase(name: name, shape: "\(count)", bytes: bytes * Double(count)) { $0.inParallel(pieces, body) }
    }
    return [
        work("adamw", bytes: 28) { piece in
            let at = piece * block
            zk_adamw_f32(
                n, parameter.base + at, gradient.base + at, first.base + at, second.base + at, 1e-4, 0.9, 0.95, 1e-8,
                0.1, 0.5, 0.5, 1)
        },
        work("sum of squares", bytes: 4) { piece in
            sums.base[piece] = Float(zk_sum_of_squares_f32(n, gradient.base + piece * block))
        },
        work("fill", bytes: 4) { piece in zk_fill_f32(n, 0, first.base + piece * block) },
    ]
}
