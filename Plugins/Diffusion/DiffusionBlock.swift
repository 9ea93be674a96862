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

    init<Form>(_ c: DiffusionConfiguration<Form>, _ p: Parameters) {
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
    ///
    /// - Parameters:
    ///   - turn: gives queries and keys [B, S, H, K] their positions.
    ///   - attend: what the queries make of keys and values, all [B, S, H, K].
    func callAsFunction(
        _ x: Tensor, condition: Tensor, turn: (Tensor) -> Tensor, attend: (_ q: Tensor, _ k: Tensor, _ v: Tensor) throws -> Tensor
    ) rethrows -> Tensor {
        let parts = Modulation.split(modulation(condition), into: 6)
        let h = Modulation.norm(x, norm1.tensor, shift: parts[0], scale: parts[1])
        let (rows, length, width) = (x.shape[0], x.shape[1], x.shape[2])
        let projected = queryKeyValue(h)  // [B, S, 3 D]
        let heads = (0 ..< 3).map { index in
            projected.sliced(axis: 2, index * width ..< (index + 1) * width)
                .reshaped([rows, length, headCount, headWidth])  // [B, S, H, K]
        }
        let mixed = try attend(turn(heads[0]), turn(heads[1]), heads[2])
        let y = x + attentionOut(mixed.reshaped([rows, length, width])) * parts[2]
        let g = Modulation.norm(y, norm2.tensor, shift: parts[3], scale: parts[4])
        return y + down(up(g).geluTanh()) * parts[5]
    }

    private var headWidth: Int { norm1.shape[0] / headCount }

    /// 1 / √K
    var scale: Double { 1 / Double(headWidth).squareRoot() }

    /// For the keys and values of finished blocks.
    func makeCache(_ type: ScalarType) throws -> KeyValueCache {
        try KeyValueCache(rows: 1, heads: headCount, keyWidth: headWidth, valueWidth: headWidth, scalarType: type)
    }
}
