public import SequenceModel

extension Parameters {
    /// Declares a matrix [rows, columns] whose shorter side is orthogonal: M Mᵀ = gain² or Mᵀ M = gain², drawn uniformly among such
    /// matrices (Saxe et al. 2013, arXiv:1312.6120), as PyTorch's `orthogonal_` does.
    ///
    /// - Parameters: see `parameter`.
    public func orthogonal(
        _ name: String, rows: Int, columns: Int, gain: Double = 1, weightDecay: Bool? = nil
    ) -> Parameter {
        parameter(name, shape: [rows, columns], weightDecay: weightDecay) { stream in
            orthogonalValues(rows: rows, columns: columns, gain: gain, &stream)
        }
    }
}

/// The values of such a matrix, row-major: normal vectors made orthogonal to one another (Gram and Schmidt; a second time where the
/// first took more than half of a vector's length away, since rounding then counts).
///
/// - Complexity: 2 to 4 · long side · short side² operations.
public func orthogonalValues(rows: Int, columns: Int, gain: Double, _ stream: inout RandomStream) -> [Double] {
    typealias Lanes = SIMD8<Double>
    let (count, length) = (min(rows, columns), max(rows, columns))
    let padded = (length + 7) / 8  // vectors of eight
    var vectors = [Lanes](repeating: .zero, count: count * padded)
    vectors.withUnsafeMutableBufferPointer { vectors in
        for index in 0 ..< count {
            let start = index * padded
            for place in 0 ..< length { vectors[start + place / 8][place % 8] = stream.normal() }
            var squares = sumOfSquares(vectors, start, padded)
            for _ in 0 ..< 2 {
                let before = squares
                for other in 0 ..< index {
                    let from = other * padded
                    var products = Lanes.zero
                    for part in 0 ..< padded { products += vectors[from + part] * vectors[start + part] }
                    let share = Lanes(repeating: products.sum())
                    for part in 0 ..< padded { vectors[start + part] -= share * vectors[from + part] }
                }
                squares = sumOfSquares(vectors, start, padded)
                if squares > before / 4 { break }
            }
            let scale = 1 / squares.squareRoot()
            for part in 0 ..< padded { vectors[start + part] *= scale }
        }
    }
    return (0 ..< rows * columns).map { index in
        let (row, column) = index.quotientAndRemainder(dividingBy: columns)
        let (vector, place) = rows < columns ? (row, column) : (column, row)
        return gain * vectors[vector * padded + place / 8][place % 8]
    }
}

private func sumOfSquares(_ vectors: UnsafeMutableBufferPointer<SIMD8<Double>>, _ start: Int, _ count: Int) -> Double {
    var squares = SIMD8<Double>.zero
    for part in start ..< start + count { squares += vectors[part] * vectors[part] }
    return squares.sum()
}
