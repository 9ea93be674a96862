import Layers
import Tensor

/// x + TimeMixing(LayerNorm(x)), then x + ChannelMixing(LayerNorm(x)).
struct RWKV7Block {
    let normBeforeTime: LayerNorm
    let normBeforeChannels: LayerNorm
    let timeMixing: RWKV7TimeMixing
    let channelMixing: RWKV7ChannelMixing

    init(_ c: RWKV7Configuration, _ p: Parameters, _ index: Int) {
        normBeforeTime = p.layerNorm("ln1", c.hiddenSize, epsilon: c.normEpsilon)
        normBeforeChannels = p.layerNorm("ln2", c.hiddenSize, epsilon: c.normEpsilon)
        timeMixing = RWKV7TimeMixing(
            p.scope("att"), width: c.hiddenSize, headSize: c.headSize,
            ranks: .init(decay: c.decayRank, rate: c.rateRank, value: c.valueRank, gate: c.gateRank), layer: index,
            layers: c.layerCount, valueResidual: c.firstValueResidual ? true : nil)
        channelMixing = RWKV7ChannelMixing(
            p.scope("ffn"), width: c.hiddenSize, hidden: c.intermediateSize, layer: index, layers: c.layerCount)
    }

    /// Training: [B, T, D] → [B, T, D], from the beginning of the text. The first block gives `firstValue`.
    func callAsFunction(_ x: Tensor, firstValue: inout Tensor?) -> Tensor {
        let y = x + timeMixing(normBeforeTime(x), firstValue: &firstValue)
        return y + channelMixing(normBeforeChannels(y))
    }

    /// The same for `x` that comes after what made `state`.
    func callAsFunction(_ x: Tensor, firstValue: inout Tensor?, position: Int, _ state: inout RWKV7LayerState) -> Tensor {
        let y = x + timeMixing(normBeforeTime(x), firstValue: &firstValue, &state.time)
        return y + channelMixing(normBeforeChannels(y), position: position, &state.channels)
    }

    /// A session that has read nothing, for B rows.
    func initialState(rows: Int, _ type: ScalarType) -> RWKV7LayerState {
        RWKV7LayerState(
            time: timeMixing.initialState(rows: rows, scalarType: type),
            channels: channelMixing.initialState(rows: rows, scalarType: type))
    }
}
