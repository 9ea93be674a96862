import SequenceModel
import Tensor

/// Random numbers of descents.
enum DescentNoise {
    /// z⁰ of a score or session at places `places`: [B, T, V], the same in each row, whatever stands in the text.
    static func start(rows: Int, places: Range<Int>, width: Int, deviation: Double, seed: Int, _ type: ScalarType) -> Tensor {
        let key = RandomKey(seed: UInt64(seed)).split("start")
        let row = places.flatMap { place -> [Double] in
            var stream = key.split(UInt64(place)).stream
            return (0 ..< width).map { _ in deviation * stream.normal() }
        }
        return Tensor(row, shape: [1, places.count, width], type: type).broadcast(to: [rows, places.count, width])
    }

    /// Normal numbers [B, T, V] for training, drawn for each row from `key` and the row's own symbols: not from where it stands in
    /// the batch.
    static func training(_ batch: Batch, _ purpose: String, width: Int, deviation: Double, _ type: ScalarType) -> Tensor {
        var values: [Double] = []
        values.reserveCapacity(batch.tokens.count * width)
        for row in 0 ..< batch.rows {
            var stream = key(batch, row).split(purpose).stream
            for _ in 0 ..< batch.length * width { values.append(deviation * stream.normal()) }
        }
        return Tensor(values, shape: [batch.rows, batch.length, width], type: type)
    }

    /// Factors between 1 / `range` and `range` on the step size at each place: [B, T, 1].
    static func factors(_ batch: Batch, range: Double, _ type: ScalarType) -> Tensor {
        let values = (0 ..< batch.rows).flatMap { row -> [Double] in
            var stream = key(batch, row).split("step size").stream
            return (0 ..< batch.length).map { _ in 1 / range + (range - 1 / range) * stream.uniform() }
        }
        return Tensor(values, shape: [batch.rows, batch.length, 1], type: type)
    }

    private static func key(_ batch: Batch, _ row: Int) -> RandomKey {
        let text = batch.tokens[row * batch.length ..< (row + 1) * batch.length]
        // FNV-1a over the row.
        let hash = text.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64(UInt32(bitPattern: $1))) &* 0x0000_0100_0000_01B3 }
        return batch.key.split("descent").split(hash)
    }
}
