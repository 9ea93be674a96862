public import Tensor

/// Rotary position embedding with a table that grows as far as it is asked. Source: RoFormer, arXiv:2104.09864.
public final class RotaryEmbedding {
    /// Half the rotated width of a head.
    public let pairs: Int
    /// Base of the angles: pair j turns by position · θ^(−j / pairs) radians.
    public let theta: Double
    /// Whether channels (2j, 2j + 1) turn together; otherwise (j, j + pairs), as in Llama files.
    public let isInterleaved: Bool
    private var table: RotaryTable?
    private var scalarType = ScalarType.float32

    /// - Parameters:
    ///   - pairs: half the rotated width of a head; further channels pass.
    ///   - theta: base of the angles.
    ///   - isInterleaved: see the property.
    public init(pairs: Int, theta: Double = 10_000, isInterleaved: Bool = false) {
        self.pairs = pairs
        self.theta = theta
        self.isInterleaved = isInterleaved
    }

    /// x [B, T, H, K], whose tokens stand at `position`, `position` + 1, …, turned: [B, T, H, K].
    public func callAsFunction(_ x: Tensor, from position: Int = 0) -> Tensor {
        let end = position + x.extent(1)
        return rotary(
            x, table(end, x.scalarType), positions: (position ..< end).map { Int32($0) }, interleaved: isInterleaved)
    }

    private func table(_ positions: Int, _ type: ScalarType) -> RotaryTable {
        if let table, type == scalarType, positions <= table.maximumPositions { return table }
        var size = 256
        while size < positions { size *= 2 }
        let larger = RotaryTable(pairs: pairs, theta: theta, maximumPositions: size, type: type)
        table = larger
        scalarType = type
        return larger
    }
}
