import Layers
import Tensor

/// x + TimeMixing(LayerNorm(x)), then x + ChannelMixing(LayerNorm(x)).
struct RWKV4Block {
    let normBeforeTime: LayerNorm
    let normBeforeChannels: LayerNorm
    let timeMixing: RWKV4TimeMixing
    let channelMixing: RWKV4ChannelMixing

    init(_ c: RWKV4Configuration, _ p: Parameters, _ index: Int) {
        normBeforeTime = p.layerNorm("ln1", c.hiddenSize, epsilon: c.normEpsilon)
        normBeforeChannels = p.layerNorm("ln2", c.hiddenSize, epsilon: c.normEpsilon)
        timeMixing = RWKV4TimeMixing(
            p.scope("attention"), width: c.hiddenSize, channels: c.attentionSize, layer: index, layers: c.layerCount)
        channelMixing = RWKV4ChannelMixing(
            p.scope("feed_forward"), width: c.hiddenSize, hidden: c.intermediateSize, layer: index, layers: c.layerCount)
    }

    /// Training: [B, T, D] → [B, T, D], from the beginning of the text.
    func callAsFunction(_ x: Tensor) -> Tensor {
        let y = x + timeMixing(normBeforeTime(x))
        return y + channelMixing(normBeforeChannels(y))
    }

    /// The same for `x` that comes after what made `state`.
    func callAsFunction(_ x: Tensor, position: Int, _ state: inout RWKV4LayerState) -> Tensor {
        let y = x + timeMixing(normBeforeTime(x), position: position, &state.time)
        return y + channelMixing(normBeforeChannels(y), position: position, &state.channels)
    }

    /// A session that has read nothing, for B rows.
    func initialState(rows: Int, _ type: ScalarType) -> RWKV4LayerState {
        RWKV4LayerState(
            time: timeMixing.initialState(rows: rows, scalarType: type),
            channels: channelMixing.initialState(rows: rows, scalarType: type))
    }
}
