import Kernels
import SequenceModel

/// The matrix products of a training step (forward, gradient of the input, gradient of the weight) and of decoding.
func matrixCases(_ shape: KernelBenchmark.Shape) -> [KernelCase] {
    let widths = [
        (shape.width, shape.width), (shape.width, shape.feedForward), (shape.feedForward, shape.width),
        (shape.width, shape.vocabulary),
    ]
    return widths.flatMap { matrixCases(rows: shape.rows, from: $0, to: $1) } + [matrixVectorCase(shape)]
}

/// x [R, K], weight [N, K], y [R, N].
private func matrixCases(rows: Int, from inner: Int, to outer: Int) -> [KernelCase] {
    let x = AlignedBuffer(rows * inner, seed: 1)
    let weight = AlignedBuffer(outer * inner, seed: 2)
    let y = AlignedBuffer(rows * outer, seed: 3)
    let weightGradient = AlignedBuffer(outer * inner, filledWith: 0)
    let operations = 2.0 * Double(rows) * Double(inner) * Double(outer)
    let bytes = 4.0 * Double(rows * inner + outer * inner + rows * outer)
    let text = "\(rows) × \(inner) × \(outer)"
    let forward = MatrixWork(a: x, b: weight, c: y, rows: rows, columns: outer, inner: inner, transposeB: true)
    let input = MatrixWork(a: y, b: weight, c: x, rows: rows, columns: inner, inner: outer)
    let gradient = MatrixWork(
        a: y, b: x, c: weightGradient, rows: outer, columns: inner, inner: rows, transposeA: true)
    return [("gemm forward", forward), ("gemm input gradient", input), ("gemm weight gradient", gradient)].map {
        name, work in
        KernelCase(name: name, shape: text, operations: operations, bytes: bytes) { work.run($0) }
    }
}

/// Decoding reads every weight once for each symbol; this matrix does not fit into any cache.
private func matrixVectorCase(_ shape: KernelBenchmark.Shape) -> KernelCase {
    let (width, block) = (1024, 1024)
    let rows = max(2 * shape.streamed / width / block, 1) * block
    let matrix = AlignedBuffer(rows * width, seed: 4)
    let x = AlignedBuffer(width, seed: 5)
    let y = AlignedBuffer(rows, filledWith: 0)
    return KernelCase(
        name: "gemv", shape: "\(rows) × \(width)", operations: 2 * Double(rows * width), bytes: 4 * Double(rows * width)
    ) { services in
        services.inParallel(rows / block) { piece in
            zk_gemv_f32(
                Int64(block), Int64(width), matrix.base + piece * block * width, Int64(width), x.base, 0,
                y.base + piece * block)
        }
    }
}
