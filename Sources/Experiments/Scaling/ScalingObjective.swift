import Foundation

/// What a fit of a scaling law makes small: Σ Huber(log of the law − log of the loss), the law written as the log of a sum of exponentials
/// (Hoffmann et al. 2022, arXiv:2203.15556, appendix D.3).
///
/// Its variables are e, a, α, b, β with E = exp e, and a and b the logarithms of A/N^α and B/D^β *at the geometric means of N and D*, not at 1: there a
/// change of α leaves the size of its term alone, and a minimiser finds its way in tens of steps. At N = 1 the two are so entangled that thousands of starts are needed.
///
/// The sum is divided by the square of the threshold. Nothing is averaged and no tolerance is absolute: a mean below a fixed tolerance is
/// what made the published fit stop early (Besiroglu et al. 2024, arXiv:2404.10102, section 3).
struct ScalingObjective {
    /// Residuals above this count linearly: 10⁻³ in the paper, a tenth of a per cent of the loss.
    static let threshold = 1e-3

    /// log N less its mean.
    let sizes: [Double]
    /// log D less its mean.
    let tokens: [Double]
    /// log of the loss.
    var losses: [Double]
    /// Means of log N and log D.
    let centre: (size: Double, tokens: Double)

    /// The points are not empty; every number in them is over 0.
    init(_ points: [(parameters: Double, tokens: Double, loss: Double)]) {
        let count = Double(points.count)
        let centre = (
            size: points.reduce(0) { $0 + log($1.parameters) } / count, tokens: points.reduce(0) { $0 + log($1.tokens) } / count
        )
        self.centre = centre
        sizes = points.map { log($0.parameters) - centre.size }
        tokens = points.map { log($0.tokens) - centre.tokens }
        losses = points.map { log($0.loss) }
    }

    /// The value at (e, a, α, b, β); writes its derivatives into `gradient`, which has five entries.
    ///
    /// - Complexity: O(points)
    func value(_ v: [Double], threshold: Double, gradient: inout [Double]) -> Double {
        var total = 0.0
        var (ge, ga, galpha, gb, gbeta) = (0.0, 0.0, 0.0, 0.0, 0.0)
        for index in losses.indices {
            let (x, z) = (sizes[index], tokens[index])
            let (first, second, third) = (v[0], v[1] - v[2] * x, v[3] - v[4] * z)
            let largest = max(first, second, third)
            let (s, t, u) = (exp(first - largest), exp(second - largest), exp(third - largest))
            let sum = s + t + u
            let residual = (largest + log(sum) - losses[index]) / threshold
            // Huber of r/δ, whose derivative is r/δ clipped to ±1.
            let clipped = min(max(residual, -1), 1)
            total += abs(residual) <= 1 ? residual * residual / 2 : abs(residual) - 0.5
            let weight = clipped / (threshold * sum)
            ge += weight * s
            ga += weight * t
            galpha -= weight * t * x
            gb += weight * u
            gbeta -= weight * u * z
        }
        gradient[0] = ge
        gradient[1] = ga
        gradient[2] = galpha
        gradient[3] = gb
        gradient[4] = gbeta
        return total
    }

    /// Log of the law at each point.
    func predictions(_ v: [Double]) -> [Double] {
        losses.indices.map { index in
            let (first, second, third) = (v[0], v[1] - v[2] * sizes[index], v[3] - v[4] * tokens[index])
            let largest = max(first, second, third)
            return largest + log(exp(first - largest) + exp(second - largest) + exp(third - largest))
        }
    }

    /// The law with these variables.
    func law(_ v: [Double]) -> ScalingLaw {
        ScalingLaw(
            irreducible: exp(v[0]), parameterFactor: exp(v[1] + v[2] * centre.size), parameterExponent: v[2],
            tokenFactor: exp(v[3] + v[4] * centre.tokens), tokenExponent: v[4])
    }

    /// Where to begin: every combination of how much of the lowest loss is irreducible, how the rest is split at the centre, and both
    /// exponents. 192 points that cover what a law can be, since the centre fixes the scale of everything.
    var starts: [[Double]] {
        let lowest = exp(losses.min() ?? 0)
        let middle = exp(losses.reduce(0, +) / Double(max(losses.count, 1)))
        let exponents = [0.1, 0.3, 0.6, 1.2]
        var result: [[Double]] = []
        for share in [0.3, 0.7, 0.9, 0.98] {
            let irreducible = share * lowest
            let rest = max(middle - irreducible, 1e-6 * middle)
            for split in [0.2, 0.5, 0.8] {
                for alpha in exponents {
                    for beta in exponents {
                        result.append([log(irreducible), log(split * rest), alpha, log((1 - split) * rest), beta])
                    }
                }
            }
        }
        return result
    }

    /// The best that is found from `starts`, and the best few that differ from it.
    ///
    /// First the threshold is so wide that the sum is one of squares, which is smooth; the best ends of that are followed while the threshold
    /// shrinks to its own. No random numbers.
    func minima(from starts: [[Double]], keeping count: Int = 6) -> [(point: [Double], value: Double)] {
        var ends = follow(starts, threshold: 0.1)
        for threshold in [1e-2, ScalingObjective.threshold] {
            ends = follow(Array(ends.prefix(count)).map(\.point), threshold: threshold)
        }
        return ends
    }

    /// Ends of the descents from each start, the lowest first; one of those that came to the same place.
    private func follow(_ starts: [[Double]], threshold: Double) -> [(point: [Double], value: Double)] {
        let minimiser = Minimiser()
        let ends = starts.map { start in
            minimiser.minimise(from: start) { value($0, threshold: threshold, gradient: &$1) }
        }.filter { $0.value.isFinite && $0.point.allSatisfy(\.isFinite) }
        var distinct: [(point: [Double], value: Double)] = []
        for end in ends.sorted(by: { $0.value < $1.value }) {
            let isNew = !distinct.contains { other in
                zip(other.point, end.point).allSatisfy { abs($0 - $1) <= 1e-3 * (1 + abs($0)) }
            }
            if isNew { distinct.append(end) }
        }
        return distinct
    }
}
