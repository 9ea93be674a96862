/// Filters that are sums of complex exponentials: filter[t, c] = Σₙ Re(amplitude[c, n] · exp(rate[c, n] · t)), t = 0 … T − 1. The impulse
/// response of a diagonal state-space model, or of any rational filter in modal form.
///
/// - Parameters:
///   - amplitude, rate: [C, N]
///   - length: T
/// - Returns: [T, C]
/// - Complexity: about four operations for each (t, c, n), in tiles of tokens whose powers are made in double precision: a phase of thousands
///   of turns is as exact as a small one, and no C × N × T numbers are kept.
public func exponentialSums(amplitude: ComplexTensor, rate: ComplexTensor, length: Int) -> Tensor {
    let inputs = [amplitude.real, amplitude.imaginary, rate.real, rate.imaginary]
    let (channels, states) = (amplitude.real.shape[0], amplitude.real.extent(-1))
    precondition(
        inputs.allSatisfy { $0.shape == [channels, states] }, "amplitudes \(amplitude.real.shape), rates \(rate.real.shape)")
    let type = inputs[0].scalarType
    let filter = Tensor(uninitialized: [length, channels], type)
    func forward<R: StateSpaceReal>(_: R.Type) {
        inTiles(R.self, length, channels, states) { first, width, workspace in
            let x = inputs.map { $0.input(R.self) + first * states }
            R.exponentialSums(
                Int64(length), width, Int64(states), x[0], x[1], x[2], x[3], filter.pointer(R.self) + first, Int64(channels),
                workspace)
        }
    }
    type == .float32 ? forward(Float.self) : forward(Double.self)
    return filter.recorded(
        fused: inputs,
        reference: {
            Reference.exponentialSums(
                amplitude: ComplexTensor(real: $0[0], imaginary: $0[1]),
                rate: ComplexTensor(real: $0[2], imaginary: $0[3]), length: length)
        }
    ) { dy, into in
        let slopes = inputs.map { Tensor(uninitialized: $0.shape, type) }
        func backward<R: StateSpaceReal>(_: R.Type) {
            inTiles(R.self, length, channels, states) { first, width, workspace in
                let x = inputs.map { $0.input(R.self) + first * states }
                let d = slopes.map { $0.pointer(R.self) + first * states }
                R.exponentialSumsBackward(
                    Int64(length), width, Int64(states), x[0], x[1], x[2], x[3], dy.input(R.self) + first, Int64(channels),
                    d[0], d[1], d[2], d[3], workspace)
            }
        }
        type == .float32 ? backward(Float.self) : backward(Double.self)
        for (index, slope) in slopes.enumerated() { into.add(index, slope) }
    }
}

/// The convolution with such a filter as a recurrence, for what follows on what was read before: s ← decay ⊙ s + u,
/// y = Σₙ Re(amplitude s), with decay = exp(rate). Never recorded.
///
/// - Parameters:
///   - u: [B, T, C]
///   - decay, amplitude: [C, N]
///   - state: s [B, C, 2, N], real parts first, zeros at the start of a text; replaced by the last one.
/// - Returns: [B, T, C]
/// - Complexity: ten operations for each (t, c, n).
public func exponentialRecurrence(
    _ u: Tensor, decay: ComplexTensor, amplitude: ComplexTensor, state: inout Tensor
) -> Tensor {
    let (batches, tokens, channels) = (u.shape[0], u.shape[1], u.shape[2])
    let states = decay.real.extent(-1)
    precondition(
        decay.real.shape == [channels, states] && amplitude.real.shape == decay.real.shape
            && state.shape == [batches, channels, 2, states],
        "recurrence of \(u.shape) with decays \(decay.real.shape), state \(state.shape)")
    if !Tensor.isExclusive(&state) { state = state.copied() }
    let y = Tensor(uninitialized: u.shape, u.scalarType)
    let held = state
    func run<R: StateSpaceReal>(_: R.Type) {
        let tile = channelTile(channels)
        let tiles = (channels + tile - 1) / tile
        Execution.current.parallel(count: batches * tiles) { piece in
            let (batch, first) = (piece / tiles, piece % tiles * tile)
            let (start, place) = (batch * tokens * channels + first, first * states)
            R.exponentialRecurrence(
                Int64(tokens), Int64(min(tile, channels - first)), Int64(states), u.input(R.self) + start, Int64(channels),
                decay.real.input(R.self) + place, decay.imaginary.input(R.self) + place,
                amplitude.real.input(R.self) + place, amplitude.imaginary.input(R.self) + place,
                y.pointer(R.self) + start, Int64(channels),
                held.pointer(R.self) + (batch * channels + first) * 2 * states)
        }
    }
    u.scalarType == .float32 ? run(Float.self) : run(Double.self)
    return y
}

private func inTiles<R: StateSpaceReal>(
    _: R.Type, _ length: Int, _ channels: Int, _ states: Int, _ body: (_ first: Int, _ width: Int64, R.Out) -> Void
) {
    let tile = 16
    let scratchBytes = Int(R.exponentialSumsWorkspace(Int64(length), Int64(states))) * MemoryLayout<R>.size
    Execution.current.parallel(count: (channels + tile - 1) / tile, scratchBytes: scratchBytes) { piece, scratch in
        let first = piece * tile
        body(first, Int64(min(tile, channels - first)), scratch.assumingMemoryBound(to: R.self))
    }
}
