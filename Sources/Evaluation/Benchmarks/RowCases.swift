import Kernels
import SequenceModel

/// What works row by row between the matrix products: norms, SwiGLU, rotary embedding, cross-entropy. Arrays are made larger
/// than any cache, so that the share is that of memory, not of the cache this machine happens to have.
func rowCases(_ shape: KernelBenchmark.Shape) -> [KernelCase] {
    let (width, wide, vocabulary) = (shape.width, shape.feedForward, shape.vocabulary)
    let block = 256
    let pieces = max(shape.streamed / width / block, 1)
    let rows = pieces * block
    let wideBlock = max(block * width / wide, 1)
    let values = rows * max(width, vocabulary)
    let (r, d, f, v) = (Int64(block), Int64(width), Int64(wide), Int64(vocabulary))
    let (x, dy, y) = (
        AlignedBuffer(values, seed: 1), AlignedBuffer(values, seed: 2), AlignedBuffer(values, seed: 3)
    )
    let (up, dUp) = (AlignedBuffer(values, seed: 4), AlignedBuffer(values, filledWith: 0))
    let (mean, inverse) = (AlignedBuffer(rows, filledWith: 0), AlignedBuffer(rows, filledWith: 1))
    let (weight, bias) = (AlignedBuffer(width, filledWith: 1), AlignedBuffer(width, filledWith: 0))
    let (dWeight, dBias) = (AlignedBuffer(pieces * width, filledWith: 0), AlignedBuffer(pieces * width, filledWith: 0))
    let target = (0 ..< rows).map { Int32($0 % vocabulary) }
    let position = (0 ..< rows).map { Int32($0 % shape.tokens) }
    let pairs = width / shape.heads / 2
    let (cosine, sine) = (
        AlignedBuffer(shape.tokens * pairs, filledWith: 0.6), AlignedBuffer(shape.tokens * pairs, filledWith: 0.8)
    )
    let one = AlignedBuffer(rows, filledWith: 1)
    let (narrow, broad) = (Double(rows * width), Double(pieces * wideBlock * wide))
    let logits = Double(rows * vocabulary)
    let text = "\(rows) × \(width)"

    func work(
        _ name: String, _ shape: String, bytes: Double, exponentials: Double = 0, _ body: @escaping (Int) -> Void
    ) -> KernelCase {
        KernelCase(name: name, shape: shape, bytes: bytes, exponentials: exponentials) {
            $0.inParallel(pieces, body)
        }
    }
    return [
        work("rms norm forward", text, bytes: 8 * narrow) { piece in
            let at = piece * block * width
            zk_rms_norm_f32(r, d, x.base + at, weight.base, 1e-5, y.base + at, inverse.base + piece * block)
        },
        work("rms norm backward", text, bytes: 12 * narrow) { piece in
            let at = piece * block * width
            zk_rms_norm_backward_f32(
                r, d, x.base + at, weight.base, inverse.base + piece * block, dy.base + at, y.base + at,
                dWeight.base + piece * width)
        },
        work("layer norm forward", text, bytes: 8 * narrow) { piece in
            let at = piece * block * width
            zk_layer_norm_f32(
                r, d, x.base + at, weight.base, bias.base, 1e-5, y.base + at, mean.base + piece * block,
                inverse.base + piece * block)
        },
        work("layer norm backward", text, bytes: 12 * narrow) { piece in
            let at = piece * block * width
            zk_layer_norm_backward_f32(
                r, d, x.base + at, weight.base, mean.base + piece * block, inverse.base + piece * block, dy.base + at,
                y.base + at, dWeight.base + piece * width, dBias.base + piece * width)
        },
        work("swiglu forward", "\(pieces * wideBlock) × \(wide)", bytes: 12 * broad, exponentials: broad) { piece in
            let at = piece * wideBlock * wide
            zk_swiglu_f32(Int64(wideBlock), f, x.base + at, up.base + at, f, y.base + at, f)
        },
        work("swiglu backward", "\(pieces * wideBlock) × \(wide)", bytes: 20 * broad, exponentials: broad) { piece in
            let at = piece * wideBlock * wide
            zk_swiglu_backward_f32(
                Int64(wideBlock), f, x.base + at, up.base + at, f, dy.base + at, f, y.base + at, dUp.base + at, f)
        },
        work("rotary", text, bytes: 8 * narrow) { piece in
            let at = piece * block * width
            position.withUnsafeBufferPointer {
                guard let position = $0.baseAddress else { return }
                zk_rotary_f32(
                    r, Int64(shape.heads), Int64(width / shape.heads), Int64(pairs), 0, 1, position + piece * block,
                    cosine.base, sine.base, x.base + at, d, y.base + at, d)
            }
        },
        work("cross-entropy", "\(rows) × \(vocabulary)", bytes: 4 * logits, exponentials: logits) { piece in
            target.withUnsafeBufferPointer {
                guard let target = $0.baseAddress else { return }
                zk_cross_entropy_f32(
                    r, v, dy.base + piece * block * vocabulary, target + piece * block, mean.base + piece * block)
            }
        },
        work("cross-entropy gradient", "\(rows) × \(vocabulary)", bytes: 8 * logits, exponentials: logits) { piece in
            target.withUnsafeBufferPointer {
                guard let target = $0.baseAddress else { return }
                zk_cross_entropy_gradient_f32(
                    r, v, dy.base + piece * block * vocabulary, target + piece * block, one.base + piece * block,
                    mean.base + piece * block)
            }
        },
    ]
}
