/// A causal convolution over the whole text, each channel on its own.
///
/// y[t, c] = Σ_{s ≤ t} filter[t − s, c] · x[s, c]. Row t of y has the same bits whatever follows in x, which one transform of all of x would
/// not give: see `topics/long_convolution.h`.
/// - Parameters:
///   - x: [B, T, C]
///   - filter: [T, C], one tap for each distance.
/// - Returns: [B, T, C]
/// - Complexity: O(T log² T) for each sequence and channel, memory linear in T.
public func longConvolution(_ x: Tensor, filter: Tensor) -> Tensor {
    precondition(
        x.rank == 3 && filter.shape == [x.shape[1], x.shape[2]] && x.scalarType == filter.scalarType,
        "long convolution of \(x.shape) by a filter of \(filter.shape)")
    let convolution = LongConvolution(x: x, filter: filter)
    let y = Tensor(uninitialized: x.shape, x.scalarType)
    convolution.run(x, reversed: false, into: y)
    return y.recorded(fused: [x, filter], reference: { Reference.longConvolution($0[0], filter: $0[1]) }) { dy, into in
        if into.wants(0) {
            let dx = Tensor(uninitialized: x.shape, x.scalarType)
            convolution.run(dy, reversed: true, into: dx)
            into.add(0, dx)
        }
        if let dfilter = into.accumulator(1, shape: filter.shape, x.scalarType) {
            convolution.addFilterGradient(dy, to: dfilter)
        }
    }
}

/// What earlier rows add to the next ones in a long convolution: y[t, c] = Σ_{s < S} filter[S + t − s, c] · history[s, c]. Never recorded.
///
/// - Parameters:
///   - history: [B, S or more, C]
///   - length: S
///   - filter: [S + T or more, C]
///   - count: T
/// - Returns: [B, T, C]
/// - Complexity: O(S · T) for each sequence and channel.
public func convolutionWithHistory(_ history: Tensor, length: Int, filter: Tensor, count: Int) -> Tensor {
    let (batches, places, channels) = (history.shape[0], history.shape[1], history.shape[2])
    precondition(
        length <= places && filter.rank == 2 && filter.shape[0] >= length + count && filter.shape[1] == channels,
        "\(length) of history \(history.shape), \(count) tokens more, filter \(filter.shape)")
    let y = Tensor(uninitialized: [batches, count, channels], history.scalarType)
    func run<R: StateSpaceReal>(_: R.Type) {
        let tile = channelTile(channels)
        let tiles = (channels + tile - 1) / tile
        Execution.current.parallel(count: batches * tiles) { piece in
            let (batch, first) = (piece / tiles, piece % tiles * tile)
            R.historyConvolution(
                Int64(length), Int64(count), Int64(min(tile, channels - first)),
                history.input(R.self) + batch * places * channels + first, Int64(channels), filter.input(R.self) + first,
                Int64(channels), y.pointer(R.self) + batch * count * channels + first, Int64(channels))
        }
    }
    history.scalarType == .float32 ? run(Float.self) : run(Double.self)
    return y
}

/// The convolution cut into tiles of channels; a tile takes all sequences in turn, so that a filter is transformed once and sums over
/// sequences have an order.
private struct LongConvolution {
    let x: Tensor, filter: Tensor

    private var batches: Int { x.shape[0] }
    private var tokens: Int { x.shape[1] }
    private var channels: Int { x.shape[2] }

    /// y = filter * x, or, `reversed`, what that is the transpose of.
    func run(_ x: Tensor, reversed: Bool, into y: Tensor) {
        guard x.count > 0 else { return }
        x.scalarType == .float32 ? run(Float.self, x, reversed, y) : run(Double.self, x, reversed, y)
    }

    private func run<R: StateSpaceReal>(_: R.Type, _ x: Tensor, _ reversed: Bool, _ y: Tensor) {
        tiles(R.self) { first, width, roots, workspace in
            R.longConvolution(
                Int64(batches), Int64(tokens), Int64(width), reversed ? 1 : 0, x.input(R.self) + first, Int64(channels),
                filter.input(R.self) + first, Int64(channels), y.pointer(R.self) + first, Int64(channels), roots, workspace)
        }
    }

    func addFilterGradient(_ dy: Tensor, to dfilter: Tensor) {
        guard x.count > 0 else { return }
        x.scalarType == .float32
            ? addFilterGradient(Float.self, dy, dfilter) : addFilterGradient(Double.self, dy, dfilter)
    }

    private func addFilterGradient<R: StateSpaceReal>(_: R.Type, _ dy: Tensor, _ dfilter: Tensor) {
        tiles(R.self) { first, width, roots, workspace in
            R.longConvolutionFilterGradient(
                Int64(batches), Int64(tokens), Int64(width), x.input(R.self) + first, Int64(channels),
                dy.input(R.self) + first, Int64(channels), dfilter.pointer(R.self) + first, Int64(channels), roots, workspace)
        }
    }

    private func tiles<R: StateSpaceReal>(
        _: R.Type, _ body: (_ first: Int, _ width: Int, R.In, R.Out) -> Void
    ) {
        let tile = Int(R.longConvolutionChannels())
        let count = R.longConvolutionRoots(Int64(tokens))
        let roots = Tensor(uninitialized: [2 * Int(count)], x.scalarType)
        let execution = Execution.current
        execution.parallel(count: 1) { _ in R.rootsOfUnity(count, roots.pointer(R.self)) }
        let scratchBytes = Int(R.longConvolutionWorkspace(Int64(tokens))) * MemoryLayout<R>.size
        execution.parallel(count: (channels + tile - 1) / tile, scratchBytes: scratchBytes) { piece, scratch in
            let first = piece * tile
            body(first, min(tile, channels - first), roots.input(R.self), scratch.assumingMemoryBound(to: R.self))
        }
    }
}
