/// Linear least squares of a few unknowns: the normal equations by elimination with pivots, and what the residuals say of the unknowns.
struct LeastSquares {
    /// One for each column.
    let solution: [Double]
    /// Variance of the residuals over the degrees of freedom that are left; nil without any.
    let variance: Double?
    /// The inverse of the normal matrix, [columns, columns]; times `variance` it is the covariance of the solution.
    let inverse: [Double]
    /// Observations less unknowns.
    let degreesOfFreedom: Int

    /// nil when the columns do not determine the unknowns, or a number is not finite.
    ///
    /// - Parameters:
    ///   - rows: one for each observation, all of the same length.
    ///   - values: what was observed.
    init?(_ rows: [[Double]], _ values: [Double]) {
        guard let count = rows.first?.count, rows.count == values.count, rows.count >= count else { return nil }
        // Columns of the same size, so that pivots can be judged.
        let scales = (0 ..< count).map { column in rows.reduce(0) { $0 + $1[column] * $1[column] }.squareRoot() }
        guard scales.allSatisfy({ $0 > 0 && $0.isFinite }), values.allSatisfy(\.isFinite) else { return nil }
        // [N | I | b], reduced to [I | N⁻¹ | x].
        let width = 2 * count + 1
        var matrix = [Double](repeating: 0, count: count * width)
        for (row, value) in zip(rows, values) {
            for i in 0 ..< count {
                let a = row[i] / scales[i]
                for j in 0 ..< count { matrix[i * width + j] += a * row[j] / scales[j] }
                matrix[i * width + 2 * count] += a * value
            }
        }
        for i in 0 ..< count { matrix[i * width + count + i] = 1 }
        for pivot in 0 ..< count {
            let best = (pivot ..< count).max { abs(matrix[$0 * width + pivot]) < abs(matrix[$1 * width + pivot]) } ?? pivot
            guard abs(matrix[best * width + pivot]) > 1e-11 else { return nil }
            if best != pivot {
                for j in 0 ..< width { matrix.swapAt(pivot * width + j, best * width + j) }
            }
            let divisor = matrix[pivot * width + pivot]
            for j in 0 ..< width { matrix[pivot * width + j] /= divisor }
            for i in 0 ..< count where i != pivot {
                let factor = matrix[i * width + pivot]
                for j in 0 ..< width { matrix[i * width + j] -= factor * matrix[pivot * width + j] }
            }
        }
        let solution = (0 ..< count).map { matrix[$0 * width + 2 * count] / scales[$0] }
        inverse = (0 ..< count * count).map { index in
            matrix[index / count * width + count + index % count] / scales[index / count] / scales[index % count]
        }
        self.solution = solution
        degreesOfFreedom = rows.count - count
        let sum = zip(rows, values).reduce(0) { sum, pair in
            let residual = pair.1 - zip(pair.0, solution).reduce(0) { $0 + $1.0 * $1.1 }
            return sum + residual * residual
        }
        variance = degreesOfFreedom > 0 ? sum / Double(degreesOfFreedom) : nil
    }

    /// Half the width of the 95 % interval of an unknown (Student's t); nil without degrees of freedom.
    func halfWidth(_ column: Int) -> Double? {
        variance.map { variance in
            let count = solution.count
            return StudentT.quantile975(degreesOfFreedom: degreesOfFreedom)
                * (variance * max(inverse[column * count + column], 0)).squareRoot()
        }
    }
}
