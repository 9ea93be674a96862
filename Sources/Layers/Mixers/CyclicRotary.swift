internal import Tensor

/// Rotary positions that begin anew every `period` tokens, pairs of neighbouring channels turning together.
final class CyclicRotary {
    private let pairs: Int
    private let theta: Double
    private let period: Int
    private var table: RotaryTable?
    private var scalarType = ScalarType.float32

    init(pairs: Int, theta: Double, period: Int) {
        self.pairs = pairs
        self.theta = theta
        self.period = period
    }

    /// x [B, T, H, K], whose tokens stand at `position`, `position` + 1, …, turned: [B, T, H, K].
    func callAsFunction(_ x: Tensor, from position: Int) -> Tensor {
        if table == nil || scalarType != x.scalarType {
            table = RotaryTable(pairs: pairs, theta: theta, maximumPositions: period, type: x.scalarType)
            scalarType = x.scalarType
        }
        guard let table, pairs > 0 else { return x }
        let places = (0 ..< x.extent(1)).map { Int32((position + $0) % period) }
        return rotary(x, table, positions: places, interleaved: true)
    }
}
