/// The recurrence of Mamba (arXiv:2312.00752, algorithm 2), A diagonal for each channel, B and C chosen by the input:
///
/// h[c, n] ← exp(Δ[t, c] a[c, n]) h[c, n] + Δ[t, c] b[t, n] u[t, c];  y[t, c] = Σₙ c[t, n] h[c, n] + d[c] u[t, c],
/// times silu(z[t, c]) where there is z. With `eigenvalues` in [−1, 1], 2 exp(Δ a) − 1 stands for exp(Δ a).
/// - Parameters:
///   - u, delta, z: [B, T, C]
///   - a: [C, N], negative.
///   - b, c: [B, T, N]
///   - d: [C]
/// - Returns: [B, T, C]
/// - Complexity: one exponential and about nine operations for each (t, c, n). For the derivative h is kept at the start
///   of every chunk of tokens, and recomputed in between.
public func selectiveScan(
    u: Tensor, delta: Tensor, a: Tensor, b: Tensor, c: Tensor, d: Tensor, z: Tensor? = nil,
    eigenvalues: EigenvalueRange = .zeroToOne
) -> Tensor {
    let scan = ScanTiles(u: u, delta: delta, a: a, b: b, c: c, d: d, z: z, eigenvalues)
    let arguments = OptionalInputs(u, delta, a, b, c, d, z)
    guard Tensor.records(arguments.inputs) else { return scan.output(state: nil, checkpoints: nil) }
    let checkpoints = scan.checkpoints()
    return scan.output(state: nil, checkpoints: checkpoints).recorded(
        fused: arguments.inputs,
        reference: {
            Reference.selectiveScan(
                u: $0[0], delta: $0[1], a: $0[2], b: $0[3], c: $0[4], d: $0[5], z: arguments.pick(6, $0),
                eigenvalues: eigenvalues)
        }
    ) { dy, into in
        func sum(_ index: Int, _ x: Tensor) -> Tensor {
            into.accumulator(index, shape: x.shape, x.scalarType) ?? .zeros(x.shape, x.scalarType)
        }
        let results = ScanTiles.Results(
            du: Tensor(uninitialized: u.shape, u.scalarType), ddelta: Tensor(uninitialized: u.shape, u.scalarType),
            da: sum(2, a), dd: sum(5, d), dz: z.map { Tensor(uninitialized: $0.shape, $0.scalarType) },
            db: scan.parts(), dc: scan.parts())
        u.scalarType == .float32
            ? scan.backward(Float.self, checkpoints, dy, results) : scan.backward(Double.self, checkpoints, dy, results)
        into.add(0, results.du)
        into.add(1, results.ddelta)
        if into.wants(3) { addParts(results.db, to: sum(3, b)) }
        if into.wants(4) { addParts(results.dc, to: sum(4, c)) }
        if let dz = results.dz { into.add(6, dz) }
    }
}

/// The same for `u` that follows on what was scanned before. Never recorded.
///
/// - Parameter state: h [B, C, N] to begin with (zeros at the start of a text); it is replaced by the last one, in place if
///   nobody else holds it.
public func selectiveScan(
    u: Tensor, delta: Tensor, a: Tensor, b: Tensor, c: Tensor, d: Tensor, z: Tensor? = nil,
    eigenvalues: EigenvalueRange = .zeroToOne, state: inout Tensor
) -> Tensor {
    let scan = ScanTiles(u: u, delta: delta, a: a, b: b, c: c, d: d, z: z, eigenvalues)
    precondition(
        state.shape == [u.shape[0], u.shape[2], a.shape[1]], "state \(state.shape) for u \(u.shape), a \(a.shape)")
    if !Tensor.isExclusive(&state) { state = state.copied() }
    return scan.output(state: state, checkpoints: nil)
}

/// The scan cut into tiles of channels; backward a tile takes all sequences in turn, so that the sums over them have an
/// order, and sums over channels are left as one part for each tile.
private struct ScanTiles {
    let u: Tensor, delta: Tensor, a: Tensor, b: Tensor, c: Tensor, d: Tensor, z: Tensor?
    private let eigenvalues: EigenvalueRange

    init(
        u: Tensor, delta: Tensor, a: Tensor, b: Tensor, c: Tensor, d: Tensor, z: Tensor?, _ eigenvalues: EigenvalueRange
    ) {
        self.eigenvalues = eigenvalues
        let channels = u.extent(-1), states = a.extent(-1)
        precondition(
            u.rank == 3 && delta.shape == u.shape && (z == nil || z?.shape == u.shape) && a.shape == [channels, states]
                && b.shape == [u.shape[0], u.shape[1], states] && c.shape == b.shape && d.shape == [channels],
            "selective scan of u \(u.shape), Δ \(delta.shape), a \(a.shape), b \(b.shape), c \(c.shape), d \(d.shape)")
        (self.u, self.delta, self.a, self.b, self.c, self.d, self.z) = (u, delta, a, b, c, d, z)
    }

    struct Results {
        let du: Tensor, ddelta: Tensor, da: Tensor, dd: Tensor, dz: Tensor?
        let db: Tensor, dc: Tensor  // [tiles, B, T, N]
    }

    private var batches: Int { u.shape[0] }
    private var tokens: Int { u.shape[1] }
    private var channels: Int { u.shape[2] }
    private var states: Int { a.shape[1] }
    private var tile: Int { channelTile(channels) }
    private var tiles: Int { (channels + tile - 1) / tile }
    private var chunkCount: Int {
        let chunk = Int(u.scalarType == .float32 ? Float.scanChunk() : Double.scanChunk())
        return (tokens + chunk - 1) / chunk
    }

    /// States at the starts of chunks: for each sequence and tile [chunks, channels of the tile, N].
    func checkpoints() -> Tensor { Tensor(uninitialized: [batches * channels * chunkCount * states], u.scalarType) }

    func parts() -> Tensor { .zeros([tiles, batches, tokens, states], u.scalarType) }

    /// y; `state` is read and overwritten, `checkpoints` filled.
    func output(state: Tensor?, checkpoints: Tensor?) -> Tensor {
        let y = Tensor(uninitialized: u.shape, u.scalarType)
        u.scalarType == .float32
            ? forward(Float.self, y, state, checkpoints) : forward(Double.self, y, state, checkpoints)
        return y
    }

    private func forward<R: StateSpaceReal>(_: R.Type, _ y: Tensor, _ state: Tensor?, _ checkpoints: Tensor?) {
        let tile = self.tile, tiles = self.tiles, chunkCount = self.chunkCount
        let scratchBytes = tile * states * MemoryLayout<R>.size
        let scan = eigenvalues == .zeroToOne ? R.selectiveScan : R.selectiveScanSigned
        Execution.current.parallel(count: batches * tiles, scratchBytes: scratchBytes) { piece, scratch in
            let (batch, first) = (piece / tiles, piece % tiles * tile)
            let width = min(tile, channels - first)
            let start = batch * tokens * channels + first
            let h: UnsafeMutablePointer<R>
            if let state {
                h = state.pointer(R.self) + (batch * channels + first) * states
            } else {
                h = scratch.assumingMemoryBound(to: R.self)
                R.fill(Int64(width * states), 0, h)
            }
            scan(
                Int64(tokens), Int64(width), Int64(states), u.input(R.self) + start, Int64(channels),
                delta.input(R.self) + start, Int64(channels), a.input(R.self) + first * states,
                b.input(R.self) + batch * tokens * states, Int64(states), c.input(R.self) + batch * tokens * states,
                Int64(states), d.input(R.self) + first, z.map { $0.input(R.self) + start }, Int64(channels),
                y.pointer(R.self) + start, Int64(channels), h,
                checkpoints.map { $0.pointer(R.self) + (batch * channels + first) * chunkCount * states })
        }
    }

    func backward<R: StateSpaceReal>(_: R.Type, _ checkpoints: Tensor, _ dy: Tensor, _ results: Results) {
        let tile = self.tile, chunkCount = self.chunkCount
        let scan = eigenvalues == .zeroToOne ? R.selectiveScanBackward : R.selectiveScanSignedBackward
        let scratchBytes = Int(R.selectiveScanWorkspace(Int64(tile), Int64(states))) * MemoryLayout<R>.size
        Execution.current.parallel(count: tiles, scratchBytes: scratchBytes) { piece, scratch in
            let first = piece * tile
            let width = min(tile, channels - first)
            for batch in 0..<batches {
                let start = batch * tokens * channels + first
                let inputs = batch * tokens * states
                let part = (piece * batches + batch) * tokens * states
                scan(
                    Int64(tokens), Int64(width), Int64(states), u.input(R.self) + start, Int64(channels),
                    delta.input(R.self) + start, Int64(channels), a.input(R.self) + first * states,
                    b.input(R.self) + inputs, Int64(states), c.input(R.self) + inputs, Int64(states),
                    d.input(R.self) + first, z.map { $0.input(R.self) + start }, Int64(channels),
                    checkpoints.input(R.self) + (batch * channels + first) * chunkCount * states,
                    dy.input(R.self) + start, Int64(channels), results.du.pointer(R.self) + start, Int64(channels),
                    results.ddelta.pointer(R.self) + start, Int64(channels),
                    results.da.pointer(R.self) + first * states, results.db.pointer(R.self) + part, Int64(states),
                    results.dc.pointer(R.self) + part, Int64(states), results.dd.pointer(R.self) + first,
                    results.dz.map { $0.pointer(R.self) + start }, Int64(channels),
                    scratch.assumingMemoryBound(to: R.self))
            }
        }
    }
}
