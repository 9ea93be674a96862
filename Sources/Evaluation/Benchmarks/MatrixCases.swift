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
    let (r, k, n) = (Int64(rows), Int64(inner), Int64(outer))
    let operations = 2.0 * Double(rows) * Double(inner) * Double(outer)
    let bytes = 4.0 * Double(rows * inner + outer * inner + rows * outer)
    let text = "\(rows) × \(inner) × \(outer)"
    let block = 256
    let blocks = (rows + block - 1) / block
    func count(_ piece: Int) -> Int64 { Int64(min(block, rows - piece * block)) }

    let forward = KernelCase(name: "gemm forward", shape: text, operations: operations, bytes: bytes) { services in
        services.inParallel(blocks) { piece in
            zk_gemm_f32(
                0, 1, count(piece), n, k, 1, x.base + piece * block * inner, k, weight.base, k, 0,
                y.base + piece * block * outer, n)
        }
    }
    let input = KernelCase(name: "gemm input gradient", shape: text, operations: operations, bytes: bytes) { services in
        services.inParallel(blocks) { piece in
            zk_gemm_f32(
                0, 0, count(piece), k, n, 1, y.base + piece * block * outer, n, weight.base, k, 0,
                x.base + piece * block * inner, k)
        }
    }
    // The weight's rows are the pieces: a sum over R in one call has a fixed order.
    let slice = 64
    let slices = (outer + slice - 1) / slice
    let gradient = KernelCase(name: "gemm weight gradient", shape: text, operations: operations, bytes: bytes) {
        services in
        services.inParallel(slices) { piece in
            let begin = piece * slice
            zk_gemm_f32(
                1, 0, Int64(min(slice, outer - begin)), k, r, 1, y.base + begin, n, x.base, k, 0,
                weightGradient.base + begin * inner, k)
        }
    }
    return [forward, input, gradient]
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
