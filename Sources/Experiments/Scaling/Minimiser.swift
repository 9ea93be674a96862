/// Looks for a minimum of a function of a few variables by the quasi-Newton method of Broyden, Fletcher, Goldfarb and Shanno.
///
/// The line search asks for the weak Wolfe conditions and finds them by bisection (Lewis and Overton 2013, Mathematical Programming 141):
/// it also works where the gradient jumps, as that of a Huber loss with a narrow threshold nearly does. All tolerances are relative, so that
/// multiplying the function by a constant changes nothing: a sum and a mean end at the same place.
struct Minimiser {
    var maximumIterations = 200
    /// Ends when this many steps in a row lowered the function by less than one part in 10¹⁴ together with the size of the step.
    private let patience = 3

    /// - Parameters:
    ///   - start: where to begin; the function is finite there.
    ///   - function: the value at a point; writes the gradient, which has as many entries as the point.
    /// - Returns: the best point that was seen. No random numbers: the same call gives the same bits.
    /// - Complexity: O(iterations · (dimension² + one evaluation))
    func minimise(
        from start: [Double], _ function: (_ point: [Double], _ gradient: inout [Double]) -> Double
    ) -> (point: [Double], value: Double) {
        let count = start.count
        var point = start
        var gradient = [Double](repeating: 0, count: count)
        var value = function(point, &gradient)
        guard value.isFinite else { return (point, value) }
        var inverse = Minimiser.identity(count)  // [count, count], the inverse of the second derivatives
        var next = point
        var nextGradient = gradient
        var idle = 0
        for iteration in 0 ..< maximumIterations {
            var direction = Minimiser.product(inverse, gradient, -1)
            var slope = Minimiser.dot(direction, gradient)
            if !(slope < 0) {
                inverse = Minimiser.identity(count)
                direction = gradient.map { -$0 }
                slope = Minimiser.dot(direction, gradient)
            }
            guard slope < 0, slope.isFinite else { break }
            // The first direction is not scaled yet: a step of length 0.1 in variables that are logarithms or exponents.
            var step = iteration == 0 ? min(1, 0.1 / Minimiser.dot(direction, direction).squareRoot()) : 1
            var (low, high) = (0.0, Double.infinity)
            var found = value
            for _ in 0 ..< 40 {
                for i in 0 ..< count { next[i] = point[i] + step * direction[i] }
                found = function(next, &nextGradient)
                if !(found <= value + 1e-4 * step * slope) {
                    high = step
                } else if Minimiser.dot(direction, nextGradient) < 0.9 * slope {
                    low = step
                } else {
                    break
                }
                step = high.isFinite ? (low + high) / 2 : 2 * step
            }
            guard found.isFinite, found <= value else { break }
            let moved = (0 ..< count).map { next[$0] - point[$0] }
            let turned = (0 ..< count).map { nextGradient[$0] - gradient[$0] }
            let curvature = Minimiser.dot(moved, turned)
            if curvature > 1e-14 * Minimiser.dot(turned, turned).squareRoot() * Minimiser.dot(moved, moved).squareRoot() {
                if iteration == 0 {
                    let scale = curvature / Minimiser.dot(turned, turned)
                    for i in 0 ..< count { inverse[i * count + i] = scale }
                }
                Minimiser.update(&inverse, moved, turned, curvature)
            }
            idle = value - found <= 1e-14 * abs(value) ? idle + 1 : 0
            (point, next) = (next, point)
            (gradient, nextGradient) = (nextGradient, gradient)
            value = found
            if idle >= patience || value == 0 { break }
        }
        return (point, value)
    }

    private static func identity(_ count: Int) -> [Double] {
        (0 ..< count * count).map { $0 / count == $0 % count ? 1 : 0 }
    }

    private static func dot(_ a: [Double], _ b: [Double]) -> Double {
        var sum = 0.0
        for i in 0 ..< a.count { sum += a[i] * b[i] }
        return sum
    }

    private static func product(_ matrix: [Double], _ vector: [Double], _ factor: Double) -> [Double] {
        let count = vector.count
        return (0 ..< count).map { row in
            var sum = 0.0
            for column in 0 ..< count { sum += matrix[row * count + column] * vector[column] }
            return factor * sum
        }
    }

    /// H ← (I − s yᵀ/sᵀy) H (I − y sᵀ/sᵀy) + s sᵀ/sᵀy
    private static func update(_ inverse: inout [Double], _ s: [Double], _ y: [Double], _ sy: Double) {
        let count = s.count
        let hy = product(inverse, y, 1)
        let factor = (1 + dot(y, hy) / sy) / sy
        for i in 0 ..< count {
            for j in 0 ..< count {
                inverse[i * count + j] += factor * s[i] * s[j] - (hy[i] * s[j] + s[i] * hy[j]) / sy
            }
        }
    }
}
