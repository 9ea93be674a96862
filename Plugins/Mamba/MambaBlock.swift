import Glibc
import Layers
import SequenceModel
import Tensor

/// x + Mixer(RMSNorm(x)), the mixer a selective scan between two gates.
///
/// [u; z] = W_in x;  u ← silu(conv(u));  [δ; B; C] = W_x u;  Δ = softplus(W_dt δ + b_dt);
/// h ← exp(Δ A) ⊙ h + Δ B u;  y = C h + D u;  out = W_out (y ⊙ silu(z))
struct MambaBlock {
    let norm: RMSNorm
    let projectionIn: Linear
    let convolutionWeight: Parameter
    let convolutionBias: Parameter?
    let selection: Linear
    let timeStep: Linear
    let logA: Parameter
    let skip: Parameter
    let projectionOut: Linear
    private let c: MambaConfiguration

    init(_ c: MambaConfiguration, _ p: Parameters) {
        self.c = c
        let (width, channels, states, rank) = (c.hiddenSize, c.intermediateSize, c.stateSize, c.timeStepRank)
        norm = p.rmsNorm("norm", width, epsilon: c.normEpsilon)
        let mixer = p.scope("mixer")
        // log 1, log 2, … log N for every channel: S4D's real initialisation (arXiv:2206.11893).
        logA = mixer.parameter("A_log", shape: [channels, states], weightDecay: false) { _ in
            (0 ..< channels * states).map { log(Double($0 % states + 1)) }
        }
        skip = mixer.parameter("D", shape: [channels], initialiser: .ones)
        convolutionWeight = mixer.parameter(
            "conv1d.weight", shape: [channels, 1, c.convolutionWidth],
            initialiser: .kaimingUniform(fanIn: c.convolutionWidth), weightDecay: true)
        convolutionBias =
            c.useConvolutionBias
            ? mixer.parameter("conv1d.bias", shape: [channels], initialiser: .kaimingUniform(fanIn: c.convolutionWidth))
            : nil
        projectionIn = mixer.linear("in_proj", width, 2 * channels, bias: c.useBias)
        selection = mixer.linear("x_proj", channels, rank + 2 * states)
        let bound = 1 / Double(rank).squareRoot()
        timeStep = Linear(
            weight: mixer.parameter(
                "dt_proj.weight", shape: [channels, rank], initialiser: .uniform(from: -bound, to: bound)),
            bias: mixer.parameter("dt_proj.bias", shape: [channels]) { stream in
                (0 ..< channels).map { _ in
                    // softplus⁻¹ of a step drawn log-uniformly
                    let exponent = log(c.timeStepMinimum) + stream.uniform() * log(c.timeStepMaximum / c.timeStepMinimum)
                    let step = max(exp(exponent), max(c.timeStepFloor, 1e-12))
                    return step + log(-expm1(-step))
                }
            })
        let outBound = 1 / (Double(channels) * Double(c.layerCount)).squareRoot()
        projectionOut = mixer.linear(
            "out_proj", channels, width, bias: c.useBias, initialiser: .uniform(from: -outBound, to: outBound))
    }

    /// Training: [B, T, D] → [B, T, D], from zero state.
    func callAsFunction(_ x: Tensor) -> Tensor {
        let (u, z) = split(projectionIn(norm(x)))  // [B, T, C] each
        let v = causalConvolution(u, weight: convolutionWeight.tensor, bias: convolutionBias?.tensor, silu: true)
        let (delta, b, readOut) = select(v)
        let y = selectiveScan(
            u: v, delta: delta, a: -logA.tensor.exp(), b: b, c: readOut, d: skip.tensor, z: z)  // [B, T, C]
        return x + projectionOut(y)
    }

    /// The same for `x` that comes after what made `state`.
    func callAsFunction(_ x: Tensor, _ state: inout MambaLayerState) -> Tensor {
        let (u, z) = split(projectionIn(norm(x)))  // [B, T, C] each
        let v = causalConvolution(
            u, weight: convolutionWeight.tensor, bias: convolutionBias?.tensor, silu: true, history: &state.convolution)
        let (delta, b, readOut) = select(v)
        let y = selectiveScan(
            u: v, delta: delta, a: -logA.tensor.exp(), b: b, c: readOut, d: skip.tensor, z: z,
            state: &state.scan)  // [B, T, C]
        return x + projectionOut(y)
    }

    /// Δ [B, T, C] of what the block reads, from zero state.
    func stepSizes(_ x: Tensor) -> Tensor {
        let (u, _) = split(projectionIn(norm(x)))  // [B, T, C]
        let v = causalConvolution(u, weight: convolutionWeight.tensor, bias: convolutionBias?.tensor, silu: true)
        return select(v).delta
    }

    /// A session that has read nothing, for B rows.
    func initialState(rows: Int, _ type: ScalarType) -> MambaLayerState {
        MambaLayerState(
            convolution: .zeros([rows, c.convolutionWidth - 1, c.intermediateSize], type),
            scan: .zeros([rows, c.intermediateSize, c.stateSize], type))
    }

    /// [B, T, 2 C] → two of [B, T, C]
    private func split(_ x: Tensor) -> (Tensor, Tensor) {
        let channels = c.intermediateSize
        return (x.sliced(axis: 2, 0 ..< channels), x.sliced(axis: 2, channels ..< 2 * channels))
    }

    /// Step size [B, T, C] and what is written and read, [B, T, N] each.
    private func select(_ v: Tensor) -> (delta: Tensor, b: Tensor, c: Tensor) {
        let (rank, states) = (c.timeStepRank, c.stateSize)
        let selected = selection(v)  // [B, T, R + 2 N]
        return (
            timeStep(selected.sliced(axis: 2, 0 ..< rank)).softplus(),
            selected.sliced(axis: 2, rank ..< rank + states),
            selected.sliced(axis: 2, rank + states ..< rank + 2 * states)
        )
    }
}
