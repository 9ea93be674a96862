/// A short convolution over time, each channel on its own, looking only back; then SiLU if wanted.
///
/// y[t, c] = bias[c] + Σⱼ weight[c, 0, j] · x[t − (W − 1) + j, c]
/// - Parameters:
///   - x: [B, T, C]
///   - weight: [C, 1, W], as in published checkpoints.
///   - bias: [C]; nil stands for zeros.
///   - silu: whether y goes through x · sigmoid(x).
/// - Returns: [B, T, C]
/// - Complexity: 2 W operations for each value.
public func causalConvolution(_ x: Tensor, weight: Tensor, bias: Tensor? = nil, silu: Bool) -> Tensor {
    let convolution = ConvolutionTiles(x: x, weight: weight, bias: bias, silu: silu)
    let y = convolution.output(after: nil)
    let arguments = OptionalInputs(x, weight, bias)
    return y.recorded(
        fused: arguments.inputs,
        reference: { Reference.causalConvolution($0[0], weight: $0[1], bias: arguments.pick(2, $0), silu: silu) }
    ) { dy, into in
        let dx = Tensor(uninitialized: x.shape, x.scalarType)
        let dweight = into.accumulator(1, shape: weight.shape, x.scalarType) ?? .zeros(weight.shape, x.scalarType)
        let dbias = arguments.index(2).flatMap { into.accumulator($0, shape: [x.extent(-1)], x.scalarType) }
        x.scalarType == .float32
            ? convolution.backward(Float.self, dy, dx, dweight, dbias)
            : convolution.backward(Double.self, dy, dx, dweight, dbias)
        into.add(0, dx)
    }
}

/// The same for `x` that follows on what was convolved before. Never recorded.
///
/// - Parameter history: [B, W − 1, C], the inputs before x, oldest first (zeros at the start of a text); it is replaced by
///   what the next call needs.
public func causalConvolution(
    _ x: Tensor, weight: Tensor, bias: Tensor? = nil, silu: Bool, history: inout Tensor
) -> Tensor {
    let convolution = ConvolutionTiles(x: x, weight: weight, bias: bias, silu: silu)
    precondition(
        history.shape == [x.shape[0], convolution.width - 1, x.shape[2]], "history \(history.shape) of \(x.shape)")
    let y = convolution.output(after: history)
    history = convolution.history(after: history)
    return y
}

/// The convolution cut into tiles of channels; backward a tile takes all sequences in turn, so that the sums over
/// them have an order.
private struct ConvolutionTiles {
    let x: Tensor, weight: Tensor, bias: Tensor?
    let silu: Bool

    init(x: Tensor, weight: Tensor, bias: Tensor?, silu: Bool) {
        precondition(
            x.rank == 3 && weight.count == x.shape[2] * weight.extent(-1)
                && (bias == nil || bias?.shape == [x.shape[2]]),
            "convolution of \(x.shape) by \(weight.shape), bias \(bias?.shape ?? [])")
        (self.x, self.weight, self.bias, self.silu) = (x, weight, bias, silu)
    }

    var width: Int { weight.extent(-1) }
    private var batches: Int { x.shape[0] }
    private var tokens: Int { x.shape[1] }
    private var channels: Int { x.shape[2] }
    private var tile: Int { channelTile(channels) }

    func output(after history: Tensor?) -> Tensor {
        let y = Tensor(uninitialized: x.shape, x.scalarType)
        x.scalarType == .float32 ? forward(Float.self, y, history) : forward(Double.self, y, history)
        return y
    }

    private func forward<R: Real>(_: R.Type, _ y: Tensor, _ history: Tensor?) {
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

    /// The last W − 1 rows of what `history` and x say together.
    func history(after history: Tensor) -> Tensor {
        let rows = width - 1, kept = Swift.max(0, rows - tokens)
        let next = concatenate(
            [
                history.detached().sliced(axis: 1, rows - kept..<rows),
                x.detached().sliced(axis: 1, tokens - (rows - kept)..<tokens),
            ],
            axis: 1)
        return next.storage === x.storage ? next.copied() : next  // not to keep all of x alive
    }
}

/// How many channels a piece of per-channel work takes: a multiple of the vector width, and at most eight pieces, since
/// some sums over channels keep a part for each.
func channelTile(_ channels: Int) -> Int { Swift.max(32, ((channels + 7) / 8 + 15) & ~15) }
