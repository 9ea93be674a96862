import Kernels
import SequenceModel

/// Causal attention of a training step, forward and backward, a head of a sequence for each piece.
func attentionCases(_ shape: KernelBenchmark.Shape) -> [KernelCase] {
    let (tokens, heads) = (shape.tokens, shape.heads)
    let headWidth = shape.width / heads
    let pieces = shape.batch * heads
    let values = shape.rows * shape.width
    let (q, k, v) = (AlignedBuffer(values, seed: 1), AlignedBuffer(values, seed: 2), AlignedBuffer(values, seed: 3))
    let (o, dO) = (AlignedBuffer(values, filledWith: 0), AlignedBuffer(values, seed: 4))
    let (dq, dk, dv) = (
        AlignedBuffer(values, filledWith: 0), AlignedBuffer(values, filledWith: 0), AlignedBuffer(values, filledWith: 0)
    )
    let logSumExp = AlignedBuffer(pieces * tokens, filledWith: 0)  // [B, H, T]
    let visibility = (0 ..< tokens).map { zk_visibility(begin: (0, 0), end: (Int32($0 + 1), 0)) }
    let (t, w, stride) = (Int64(tokens), Int64(headWidth), Int64(shape.width))
    let scale = 1 / Float(headWidth).squareRoot()
    let forwardSpace = Int(zk_attention_workspace_f32(w, w))
    let backwardSpace = Int(zk_attention_backward_workspace_f32(t, w, w))
    let workspace = AlignedBuffer(pieces * max(forwardSpace, backwardSpace), filledWith: 0)

    // Half of all pairs are visible. Forward: q kᵀ and p v; backward: five products, q kᵀ again among them.
    let pairs = Double(pieces) * Double(tokens) * Double(tokens + 1) / 2
    let text = "\(shape.batch) × \(heads) heads × \(tokens) × \(headWidth)"

    /// First value of a head in the [B, T, H, K] layout.
    func begin(_ piece: Int) -> Int { piece / heads * tokens * shape.width + piece % heads * headWidth }

    func forward(_ services: any HostServices) {
        services.inParallel(pieces) { piece in
            let at = begin(piece)
            visibility.withUnsafeBufferPointer { visible in
                guard let visible = visible.baseAddress else { return }
                zk_attention_f32(
                    t, t, w, w, scale, q.base + at, stride, k.base + at, stride, v.base + at, stride, visible,
                    o.base + at, stride, logSumExp.base + piece * tokens, workspace.base + piece * forwardSpace)
            }
        }
    }
    // The backward pass needs what the forward pass saved.
    forward(NoHostServices())

    return [
        KernelCase(
            name: "attention forward", shape: text, operations: 4 * pairs * Double(headWidth),
            bytes: 16 * Double(values),
            exponentials: pairs, run: forward),
        KernelCase(
            name: "attention backward", shape: text, operations: 10 * pairs * Double(headWidth),
            bytes: 32 * Double(values), exponentials: pairs
        ) { services in
            services.inParallel(pieces) { piece in
                let at = begin(piece)
                visibility.withUnsafeBufferPointer { visible in
                    guard let visible = visible.baseAddress else { return }
                    zk_attention_backward_f32(
                        t, t, w, w, scale, q.base + at, stride, k.base + at, stride, v.base + at, stride, visible,
                        o.base + at, stride, logSumExp.base + piece * tokens, dO.base + at, stride, dq.base + at,
                        stride,
                        dk.base + at, stride, dv.base + at, stride, workspace.base + piece * backwardSpace)
                }
            }
        },
    ]
}
