/// The weighted average over the past of RWKV-4 (arXiv:2305.13048, equation 16), each channel on its own:
///
/// y[t] = (Σ_{i<t} e^{(t−1−i) w + k[i]} v[i] + e^{u + k[t]} v[t]) / (Σ_{i<t} e^{(t−1−i) w + k[i]} + e^{u + k[t]})
/// - Parameters:
///   - decay: w [C], at most 0: what the logarithm of a weight changes by at each step.
///   - first: u [C], what the present token has beyond its key.
///   - key, value: [B, T, C]
/// - Returns: [B, T, C]
/// - Complexity: two exponentials and about twelve operations for each value. For the derivative the sums are kept at the
///   start of every chunk of tokens, and recomputed in between.
public func wkv4(decay: Tensor, first: Tensor, key: Tensor, value: Tensor) -> Tensor {
    let scan = WKV4Tiles(w: decay, u: first, k: key, v: value)
    let inputs = [decay, first, key, value]
    guard Tensor.records(inputs) else { return scan.output(state: scan.freshState(), checkpoints: nil) }
    let checkpoints = scan.checkpoints()
    return scan.output(state: scan.freshState(), checkpoints: checkpoints).recorded(
        fused: inputs, reference: { Reference.wkv4(decay: $0[0], first: $0[1], key: $0[2], value: $0[3]) }
    ) { dy, into in
        func sum(_ index: Int) -> Tensor {
            let shape = inputs[index].shape
            return into.accumulator(index, shape: shape, key.scalarType) ?? .zeros(shape, key.scalarType)
        }
        let dk = Tensor(uninitialized: key.shape, key.scalarType)
        let dv = Tensor(uninitialized: key.shape, key.scalarType)
        key.scalarType == .float32
            ? scan.backward(Float.self, checkpoints, dy, sum(0), sum(1), dk, dv)
            : scan.backward(Double.self, checkpoints, dy, sum(0), sum(1), dk, dv)
        into.add(2, dk)
        into.add(3, dv)
    }
}

/// The sums over the past of `wkv4`: Σ e^{…} v = numerator · e^exponent and Σ e^{…} = denominator · e^exponent, [B, C] each.
public struct WKV4State {
    /// Σ e^{…} v in units of e^exponent.
    public var numerator: Tensor
    /// Σ e^{…} in units of e^exponent, at least 0.
    public var denominator: Tensor
    /// The largest exponent so far; −10³⁸ before anything was read.
    public var exponent: Tensor

    /// Nothing was read.
    public init(rows: Int, channels: Int, _ type: ScalarType) {
        numerator = .zeros([rows, channels], type)
        denominator = .zeros([rows, channels], type)
        exponent = .full([rows, channels], -1e38, type)
    }
}

/// The same for tokens that follow on those in `state`, which is moved on. Never recorded.
public func wkv4(decay: Tensor, first: Tensor, key: Tensor, value: Tensor, state: inout WKV4State) -> Tensor {
    let scan = WKV4Tiles(w: decay, u: first, k: key, v: value)
    let shape = [key.shape[0], key.shape[2]]
    precondition(
        state.numerator.shape == shape && state.denominator.shape == shape && state.exponent.shape == shape,
        "state \(state.numerator.shape) for keys \(key.shape)")
    if !Tensor.isExclusive(&state.numerator) { state.numerator = state.numerator.copied() }
    if !Tensor.isExclusive(&state.denominator) { state.denominator = state.denominator.copied() }
    if !Tensor.isExclusive(&state.exponent) { state.exponent = state.exponent.copied() }
    return scan.output(state: state, checkpoints: nil)
}

/// The average cut into tiles of channels; backward a tile takes all sequences in turn, so that the sums over them have an
/// order.
private struct WKV4Tiles {
    let w: Tensor, u: Tensor, k: Tensor, v: Tensor

    init(w: Tensor, u: Tensor, k: Tensor, v: Tensor) {
        let channels = k.extent(-1)
        precondition(
            k.rank == 3 && v.shape == k.shape && w.count == channels && u.count == channels,
            "wkv4 of decay \(w.shape), first \(u.shape), key \(k.shape), value \(v.shape)")
        (self.w, self.u, self.k, self.v) = (w, u, k, v)
    }

    private var batches: Int { k.shape[0] }
    private var tokens: Int { k.shape[1] }
    private var channels: Int { k.shape[2] }
    private var tile: Int { channelTile(channels) }
    private var tiles: Int { (channels + tile - 1) / tile }
    private var chunkCount: Int {
        let chunk = Int(k.scalarType == .float32 ? Float.wkv4Chunk() : Double.wkv4Chunk())
        return (tokens + chunk - 1) / chunk
    }

    func freshState() -> WKV4State { WKV4State(rows: batches, channels: channels, k.scalarType) }

    /// The state at the starts of chunks: for each sequence and tile [chunks, 3, channels of the tile].
    func checkpoints() -> Tensor { Tensor(uninitialized: [batches * channels * chunkCount * 3], k.scalarType) }

    /// y; `state` is read and overwritten, `checkpoints` filled.
    func output(state: WKV4State, checkpoints: Tensor?) -> Tensor {
        let y = Tensor(uninitialized: k.shape, k.scalarType)
        k.scalarType == .float32
            ? forward(Float.self, y, state, checkpoints) : forward(Double.self, y, state, checkpoints)
        return y
    }

    private func forward<R: Real>(_: R.Type, _ y: Tensor, _ state: WKV4State, _ checkpoints: Tensor?) {
        // A single token is too little to share out (and where there are checkpoints, both ways must cut alike).
        let tile = tokens == 1 && checkpoints == nil ? channels : self.tile
        let tiles = (channels + tile - 1) / tile
        let chunkCount = self.chunkCount
        Execution.current.parallel(count: batches * tiles) { piece in
            let (batch, first) = (piece / tiles, piece % tiles * tile)
            let start = batch * tokens * channels + first, row = batch * channels + first
            R.wkv4(
                Int64(tokens), Int64(min(tile, channels - first)), w.input(R.self) + first, u.input(R.self) + first,
                k.input(R.self) + start, Int64(channels), v.input(R.self) + start, Int64(channels),
                y.pointer(R.self) + start, Int64(channels), state.numerator.pointer(R.self) + row,
                state.denominator.pointer(R.self) + row, state.exponent.pointer(R.self) + row,
                checkpoints.map { $0.pointer(R.self) + row * chunkCount * 3 })
        }
    }

    func backward<R: Real>(
        _: R.Type, _ checkpoints: Tensor, _ dy: Tensor, _ dw: Tensor, _ du: Tensor, _ dk: Tensor, _ dv: Tensor
    ) {
        let (tile, chunkCount) = (self.tile, self.chunkCount)
        Execution.current.parallel(count: tiles) { piece in
            let first = piece * tile
            for batch in 0..<batches {
                let start = batch * tokens * channels + first, row = batch * channels + first
                R.wkv4Backward(
                    Int64(tokens), Int64(min(tile, channels - first)), w.input(R.self) + first,
                    u.input(R.self) + first, k.input(R.self) + start, Int64(channels), v.input(R.self) + start,
                    Int64(channels), checkpoints.input(R.self) + row * chunkCount * 3, dy.input(R.self) + start,
                    Int64(channels), dw.pointer(R.self) + first, du.pointer(R.self) + first, dk.pointer(R.self) + start,
                    Int64(channels), dv.pointer(R.self) + start, Int64(channels))
            }
        }
    }
}
