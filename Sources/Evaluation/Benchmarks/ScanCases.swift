import Kernels
import SequenceModel

/// The selective scan and the short convolution of a Mamba layer (width doubled inside), pieces of 64 channels of a sequence.
func scanCases(_ shape: KernelBenchmark.Shape) -> [KernelCase] {
    let (tokens, states, channels) = (shape.tokens, shape.stateSize, 2 * shape.width)
    let block = 64
    let blocks = channels / block
    let pieces = shape.batch * blocks
    let values = shape.rows * channels
    func buffer(_ count: Int, _ value: Float = 0) -> AlignedBuffer { AlignedBuffer(count, filledWith: value) }

    let (u, z) = (AlignedBuffer(values, seed: 1), AlignedBuffer(values, seed: 2))
    let (delta, y, dy) = (buffer(values, 0.01), buffer(values), AlignedBuffer(values, seed: 3))
    let (a, d) = (buffer(channels * states, -1), buffer(channels, 1))
    let (b, c) = (AlignedBuffer(shape.rows * states, seed: 4), AlignedBuffer(shape.rows * states, seed: 5))
    let state = buffer(pieces * block * states)  // [pieces, block, N]
    let chunk = Int(zk_scan_chunk_f32())
    let saved = (tokens + chunk - 1) / chunk * block * states
    let checkpoints = buffer(pieces * saved)
    let (du, dDelta, dz) = (buffer(values), buffer(values), buffer(values))
    let (dA, dD) = (buffer(pieces * block * states), buffer(pieces * block))
    let (dB, dC) = (buffer(pieces * tokens * states), buffer(pieces * tokens * states))
    let space = Int(zk_selective_scan_workspace_f32(Int64(block), Int64(states)))
    let workspace = buffer(pieces * max(space, tokens * block))
    let (weight, bias) = (AlignedBuffer(channels * 4, seed: 6), buffer(channels))
    let (dWeight, dBias) = (buffer(pieces * block * 4), buffer(pieces * block))

    let (t, n, w, stride) = (Int64(tokens), Int64(states), Int64(block), Int64(channels))
    func row(_ piece: Int) -> Int { piece / blocks * tokens }
    func channel(_ piece: Int) -> Int { piece % blocks * block }
    func begin(_ piece: Int) -> Int { row(piece) * channels + channel(piece) }

    func forward(_ services: any HostServices) {
        services.inParallel(pieces) { piece in
            let (at, first, begins) = (begin(piece), channel(piece), row(piece) * states)
            (state.base + piece * block * states).update(repeating: 0, count: block * states)
            zk_selective_scan_f32(
                t, w, n, u.base + at, stride, delta.base + at, stride, a.base + first * states, b.base + begins, n,
                c.base + begins, n, d.base + first, z.base + at, stride, y.base + at, stride,
                state.base + piece * block * states, checkpoints.base + piece * saved)
        }
    }
    // The backward pass needs the checkpoints.
    forward(NoHostServices())

    let steps = Double(values) * Double(states)
    let text = "\(shape.batch) × \(tokens) × \(channels) × \(states)"
    let convolution = "\(shape.batch) × \(tokens) × \(channels) × 4"
    return [
        KernelCase(
            name: "selective scan forward", shape: text, bytes: 16 * Double(values),
            exponentials: steps + Double(values), run: forward),
        KernelCase(
            name: "selective scan backward", shape: text, bytes: 32 * Double(values),
            exponentials: steps + Double(values)
        ) { services in
            services.inParallel(pieces) { piece in
                let (at, first, begins) = (begin(piece), channel(piece), row(piece) * states)
                zk_selective_scan_backward_f32(
                    t, w, n, u.base + at, stride, delta.base + at, stride, a.base + first * states, b.base + begins, n,
                    c.base + begins, n, d.base + first, z.base + at, stride, checkpoints.base + piece * saved,
                    dy.base + at, stride, du.base + at, stride, dDelta.base + at, stride,
                    dA.base + piece * block * states, dB.base + piece * tokens * states, n,
                    dC.base + piece * tokens * states, n, dD.base + piece * block, dz.base + at, stride,
                    workspace.base + piece * space)
            }
        },
        KernelCase(
            name: "convolution forward", shape: convolution, bytes: 8 * Double(values), exponentials: Double(values)
        ) { services in
            services.inParallel(pieces) { piece in
                let (at, first) = (begin(piece), channel(piece))
                zk_causal_convolution_f32(
                    t, w, 4, 1, u.base + at, stride, weight.base + first * 4, bias.base + first, nil, y.base + at,
                    stride)
            }
        },
        KernelCase(
            name: "convolution backward", shape: convolution, bytes: 12 * Double(values), exponentials: Double(values)
        ) { services in
            services.inParallel(pieces) { piece in
                let (at, first) = (begin(piece), channel(piece))
                zk_causal_convolution_backward_f32(
                    t, w, 4, 1, u.base + at, stride, weight.base + first * 4, bias.base + first, dy.base + at, stride,
                    du.base + at, stride, dWeight.base + piece * block * 4, dBias.base + piece * block,
                    workspace.base + piece * tokens * block)
            }
        },
    ]
}
