import Layers
import Tensor

/// Embeddings of the groups of bytes that end at a position, found by a hash: of each length one row for each hash function, added.
///
/// hash = Σₘ id_m · Pᵐ in 64-bit integers that wrap, m = 0 the oldest of the group, modulo the rows of the table. Ids before the text are 0.
struct HashedGroups {
    /// [functions · lengths · M, D]: functions outside, lengths inside.
    let table: Parameter
    let sizes: [Int]
    /// M
    let rows: Int
    let functions: Int

    /// A prime for each hash function, in the order in which published models use them.
    static let primes: [Int] = [
        1_000_000_007, 5_915_587_277, 1_500_450_271, 3_267_000_013, 5_754_853_343, 4_093_082_899, 9_576_890_767, 3_628_273_133,
        2_860_486_313, 5_463_458_053, 3_367_900_313,
    ]

    /// nil where no group has an embedding.
    init?(_ c: BltConfiguration, _ p: Parameters) {
        let tables = c.hashGroupSizes.count * c.hashFunctionCount
        guard tables > 0 else { return nil }
        sizes = c.hashGroupSizes
        rows = c.hashVocabulary
        functions = c.hashFunctionCount
        table = p.embedding(
            "encoder_hash_tok_embedding", Parameters.product(tables, c.hashVocabulary), c.encoder.hiddenSize,
            initialiser: BltStack.initialiser(fanIn: c.encoder.hiddenSize)
        ).weight
    }

    /// Ids before a text that its first groups reach back to.
    static func reach(of sizes: [Int]) -> Int { max(0, (sizes.max() ?? 1) - 1) }

    /// [B, T, D] for the last T ids of each row of `ids` [B, S]; ids before the first are 0.
    func callAsFunction(_ ids: Tokens, last length: Int) -> Tensor {
        let width = table.shape[1]
        var sum: Tensor?
        for function in 0 ..< functions {
            for (index, size) in sizes.enumerated() {
                let found = places(ids, last: length, size: size, prime: HashedGroups.primes[function % HashedGroups.primes.count])
                let offset = (function * sizes.count + index) * rows
                let part = table.tensor.gatherRows(found.map { Int32(offset + $0) })
                sum = sum.map { $0 + part } ?? part
            }
        }
        return (sum ?? .zeros([ids.rows * length, width], table.tensor.scalarType)).reshaped([ids.rows, length, width])
    }

    /// The row of the table for the group that ends at each position: [B · T].
    func places(_ ids: Tokens, last length: Int, size: Int, prime: Int) -> [Int] {
        var powers = [1]
        for _ in 1 ..< max(2, size) { powers.append(powers[powers.count - 1] &* prime) }
        var result: [Int] = []
        result.reserveCapacity(ids.rows * length)
        for row in 0 ..< ids.rows {
            for position in ids.length - length ..< ids.length {
                var hash = 0
                for place in 0 ..< size {
                    let index = position - (size - 1) + place
                    if index >= 0 { hash &+= Int(ids.ids[row * ids.length + index]) &* powers[place] }
                }
                let remainder = hash % rows
                result.append(remainder < 0 ? remainder + rows : remainder)
            }
        }
        return result
    }
}
