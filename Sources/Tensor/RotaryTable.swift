internal import Glibc

/// Cosines and sines of the angles position × frequency, for `rotary`.
public final class RotaryTable {
    /// Pairs of channels that turn; 2 · pairs is the rotated width.
    public let pairs: Int
    /// Positions 0 ..< maximumPositions are in the table.
    public let maximumPositions: Int
    let cosine: Tensor, sine: Tensor  // [positions, pairs]

    /// Frequencies θ^(−j / pairs) for j = 0 ..< pairs (RoFormer, arXiv:2104.09864).
    public convenience init(pairs: Int, theta: Double, maximumPositions: Int, type: ScalarType = .float32) {
        self.init(
            frequencies: (0..<pairs).map { pow(theta, -Double($0) / Double(pairs)) },
            maximumPositions: maximumPositions,
            type: type)
    }

    /// Any frequencies, as scaled variants have them.
    ///
    /// - Parameter frequencies: radians per position of each pair.
    public init(frequencies: [Double], maximumPositions: Int, type: ScalarType = .float32) {
        pairs = frequencies.count
        self.maximumPositions = maximumPositions
        let cosine = Tensor(uninitialized: [maximumPositions, frequencies.count], type)
        let sine = Tensor(uninitialized: cosine.shape, type)
        func tabulate<R: Real>(_: R.Type) {
            Execution.current.inRanges(maximumPositions, of: rowsInPiece(width: 16 * frequencies.count)) { range in
                for position in range {
                    for (pair, frequency) in frequencies.enumerated() {
                        let angle = Double(position) * frequency
                        cosine.pointer(R.self)[position * frequencies.count + pair] = R(cos(angle))
                        sine.pointer(R.self)[position * frequencies.count + pair] = R(sin(angle))
                    }
                }
            }
        }
        type == .float32 ? tabulate(Float.self) : tabulate(Double.self)
        (self.cosine, self.sine) = (cosine, sine)
    }
}
