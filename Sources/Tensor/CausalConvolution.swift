/// A short convolution over time, each channel on its own, looking only back; then SiLU if wanted.
///
/// y[t, c] = bias[c] + Σⱼ weight[c, 0, j] · x[t − (W − 1) + j, c]
/// - Parameters:
///   - x: [B, T, C]
///   - weight: [C, 1, W], as in published checkpoints.
///   - bias: [C]
///   - history: [B, W − 1, C], what came before x, oldest first; it is replaced by what the next call needs. Without
///     it zeros came before. Not while recording.
/// - Returns: [B, T, C]
public func causalConvolution(
    _ x: Tensor, _ weight: Tensor, _ bias: Tensor? = nil, silu: Bool, history: Tensor? = nil
) -> Tensor {
    let channels = x.extent(-1), width = weight.extent(-1)
    precondition(
        x.rank == 3 && weight.count == channels * width && (bias == nil || bias?.shape == [channels]),
        "convolution of \(x.shape) by \(weight.shape), bias \(bias?.shape ?? [])")
    precondition(history == nil || history?.shape == [x.shape[0], width - 1, channels], "history of \(x.shape)")
    let arguments = OptionalInputs(x, weight, bias)
    precondition(history == nil || !Tensor.records(arguments.inputs), "a convolution with a history cannot be derived")
    let convolution = ConvolutionTiles(x: x, weight: weight, bias: bias, width: width, silu: silu)
    let y = Tensor(uninitialized: x.shape, x.scalarType)
    x.scalarType == .float32
        ? convolution.forward(Float.self, y, history) : convolution.forward(Double.self, y, history)
    if let history { convolution.push(to: history) }
    return y.recorded(
        fused: arguments.inputs,
        reference: { Reference.causalConvolution($0[0], $0[1], arguments.pick(2, $0), silu: silu) }
    ) { dy, into in
        let dx = Tensor(uninitialized: x.shape, x.scalarType)
        let dweight = into.accumulator(1, shape: weight.shape, x.scalarType) ?? .zeros(weight.shape, x.scalarType)
        let dbias = arguments.index(2).flatMap { into.accumulator($0, shape: [channels], x.scalarType) }
        x.scalarType == .float32
            ? convolution.backward(Float.self, dy, dx, dweight, dbias)
            : convolution.backward(Double.self, dy, dx, dweight, dbias)
        into.add(0, dx)
    }
}

/// The convolution cut into tiles of channels; backward a tile takes all sequences in turn, so that the sums over
/// them have an order.
private struct ConvolutionTiles {
    let x: Tensor, weight: Tensor, bias: Tensor?
    let width: Int
    let silu: Bool

    private var batches: Int { x.shape[0] }
    private var tokens: Int { x.shape[1] }
    private var channels: Int { x.shape[2] }
    private var tile: Int { channelTile(channels) }

    func forward<R: Real>(_: R.Type, _ y: Tensor, _ history: Tensor?) {
        let tile = history == nil ? self.tile : channels  // the history's rows are as long as the piece is wide
        let tiles = (channels + tile - 1) / Swift.max(1, tile)
        Execution.current.parallel(count: batches * tiles) { piece in
            let (batch, first) = (piece / tiles, piece % tiles * tile)
            let start = batch * tokens * channels + first
            R.causalConvolution(
                Int64(tokens), Int64(min(tile, channels - first)), Int64(width), silu ? 1 : 0, x.input(R.self) + start,
                Int64(channels), weight.input(R.self) + first * width, bias.map { $0.input(R.self) + first },
                history.map { $0.input(R.self) + batch * (width - 1) * channels }, y.pointer(R.self) + start,
                Int64(channels))
        }
    }

    func backward<R: Real>(_: R.Type, _ dy: Tensor, _ dx: Tensor, _ dweight: Tensor, _ dbias: Tensor?) {
        let tile = self.tile
        let scratchBytes = tokens * tile * MemoryLayout<R>.size
        Execution.current.parallel(count: (channels + tile - 1) / tile, scratchBytes: scratchBytes) { piece, scratch in
            let first = piece * tile
            for batch in 0..<batches {
                let start = batch * tokens * channels + first
                R.causalConvolutionBackward(
                    Int64(tokens), Int64(min(tile, channels - first)), Int64(width), silu ? 1 : 0,
                    x.input(R.self) + start, Int64(channels), weight.input(R.self) + first * width,
                    bias.map { $0.input(R.self) + first }, dy.input(R.self) + start, Int64(channels),
                    dx.pointer(R.self) + start, Int64(channels), dweight.pointer(R.self) + first * width,
                    dbias.map { $0.pointer(R.self) + first }, scratch.assumingMemoryBound(to: R.self))
            }
        }
    }

    /// Replaces the history by the last W − 1 rows of what it and x say together.
    func push(to history: Tensor) {
        let rows = width - 1
        let size = x.scalarType.byteCount * channels
        Execution.current.parallel(count: 1) { _ in
            for batch in 0..<batches {
                let past = history.storage.pointer + history.byteOffset + batch * rows * size
                let recent = x.storage.pointer + x.byteOffset + batch * tokens * size
                let kept = Swift.max(0, rows - tokens)
                past.copyMemory(from: past + (rows - kept) * size, byteCount: kept * size)
                (past + kept * size).copyMemory(
                    from: recent + (tokens - (rows - kept)) * size, byteCount: (rows - kept) * size)
            }
        }
    }
}

/// How many channels a piece of per-channel work takes: a multiple of the vector width, and at most eight pieces, since
/// some sums over channels keep a part for each.
func channelTile(_ channels: Int) -> Int { Swift.max(32, ((channels + 7) / 8 + 15) & ~15) }
