import Layers
import SequenceModel
import Tensor

/// One block of the denoiser: modulated attention over both sides, then a modulated GELU feed-forward.
struct DiffusionBlock {
    let norm1: Parameter
    let queryKeyValue: Linear
    let attentionOut: Linear
    let norm2: Parameter
    let up: Linear
    let down: Linear
    let modulation: Linear
    private let headCount: Int

    init(_ c: DiffusionConfiguration, _ p: Parameters) {
        let width = c.hiddenSize
        headCount = c.headCount
        norm1 = p.parameter("norm1.weight", shape: [width], initialiser: .ones)
        queryKeyValue = p.linear("attn_qkv", width, 3 * width)
        attentionOut = p.linear("attn_out", width, width)
        norm2 = p.parameter("norm2.weight", shape: [width], initialiser: .ones)
        up = p.linear("mlp.0", width, c.intermediateSize, bias: true)
        down = p.linear("mlp.2", c.intermediateSize, width, bias: true)
        modulation = p.linear("adaLN_modulation", c.conditionSize, 6 * width, bias: true, initialiser: .zeros)
    }

    /// [B, S, D] → [B, S, D]; condition [1 or B, C].
    func callAsFunction(
        _ x: Tensor, condition: Tensor, visibility: Visibility, rotation: RotaryTable, positions: [Int32]
    ) -> Tensor {
        let parts = Modulation.split(modulation(condition), into: 6)
        let h = Modulation.norm(x, norm1.tensor, shift: parts[0], scale: parts[1])
        let y = x + attention(h, visibility, rotation, positions) * parts[2]
        let g = Modulation.norm(y, norm2.tensor, shift: parts[3], scale: parts[4])
        return y + down(up(g).geluTanh()) * parts[5]
    }

    private func attention(
        _ x: Tensor, _ visibility: Visibility, _ rotation: RotaryTable, _ positions: [Int32]
    ) -> Tensor {
        let (rows, length, width) = (x.shape[0], x.shape[1], x.shape[2])
        let headWidth = width / headCount
        let projected = queryKeyValue(x)  // [B, S, 3 D]
        let heads = (0 ..< 3).map { index in
            projected.sliced(axis: 2, index * width ..< (index + 1) * width)
                .reshaped([rows, length, headCount, headWidth])  // [B, S, H, K]
        }
        let mixed = Tensor.attend(
            rotary(heads[0], rotation, positions: positions), rotary(heads[1], rotation, positions: positions), heads[2],
            visibility, headWidth)
        return attentionOut(mixed.reshaped([rows, length, width]))  // [B, S, D]
    }
}

extension Tensor {
    /// Attention with the usual scale 1 / √K.
    fileprivate static func attend(
        _ q: Tensor, _ k: Tensor, _ v: Tensor, _ visibility: Visibility, _ headWidth: Int
    ) -> Tensor {
        attention(q, k, v, visibility: visibility, scale: 1 / Double(headWidth).squareRoot())
    }
}
