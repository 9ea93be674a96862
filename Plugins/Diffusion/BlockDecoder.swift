import Layers
import SequenceModel
import Tensor

/// Decoding block by block: keys and values of finished blocks are kept, so an evaluation costs a block and not the text.
///
/// State: 2 · D float32 for each finished symbol and layer.
final class BlockDecoder: BlockDecoding {
    private let backbone: DiffusionBackbone
    private let blockSize: Int
    private let alphabet: Int
    private var caches: [KeyValueCache]

    init(_ backbone: DiffusionBackbone, blockSize: Int, alphabet: Int) throws {
        self.backbone = backbone
        self.blockSize = blockSize
        self.alphabet = alphabet
        let type = backbone.embedding.tensor.scalarType
        caches = try backbone.blocks.map { try $0.makeCache(type) }
    }

    func read(_ text: [Int32], upTo end: Int) throws {
        let longest = KeyValueCache.longestAppend / blockSize * blockSize
        while let begin = caches.first?.length, begin < end {
            let range = begin ..< min(end, begin + longest)
            _ = try backbone.trunk(Tokens(rows: 1, length: range.count, ids: Array(text[range])), after: &caches)
        }
    }

    func logits(_ text: [Int32], block: Range<Int>, at positions: [Int]) throws -> [Float] {
        var noisy = caches  // what is written behind their end is forgotten
        let x = try backbone.trunk(Tokens(rows: 1, length: block.count, ids: Array(text[block])), after: &noisy)
        let rows = positions.map { Int32($0 - block.lowerBound) }
        let logits = backbone.head(x.reshaped([block.count, x.extent(-1)]).gatherRows(rows))
        return logits.sliced(axis: 1, 0 ..< alphabet).toArray().map(Float.init)
    }
}
