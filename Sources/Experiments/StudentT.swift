import Foundation

/// Student's t distribution, as far as confidence intervals and tests need it.
enum StudentT {
    /// 97.5 % quantiles for 1 to 30 degrees of freedom (Fisher and Yates 1963, table III).
    private static let table = [
        12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131,
        2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
    ]

    /// The quantile at 97.5 %, to three places; beyond the table by Cornish and Fisher's first two terms.
    static func quantile975(degreesOfFreedom: Int) -> Double {
        if (1 ... table.count).contains(degreesOfFreedom) { return table[degreesOfFreedom - 1] }
        let z = 1.959964
        let n = Double(max(degreesOfFreedom, 1))
        let first = (z * z * z + z) / 4
        let second = (5 * z * z * z * z * z + 16 * z * z * z + 3 * z) / 96
        return z + first / n + second / (n * n)
    }

    /// The chance of a value at least as far from 0 as `t`: I_x(n/2, 1/2) with x = n / (n + t²) (Abramowitz and Stegun 26.7.1).
    static func twoSided(_ t: Double, degreesOfFreedom n: Int) -> Double {
        if t.isInfinite { return 0 }
        let n = Double(max(n, 1))
        return incompleteBeta(n / (n + t * t), n / 2, 0.5)
    }

    /// I_x(a, b), the regularised incomplete beta function, by its continued fraction (Abramowitz and Stegun 26.5.8), evaluated from the
    /// front (Lentz 1976) on the side where it converges fast.
    static func incompleteBeta(_ x: Double, _ a: Double, _ b: Double) -> Double {
        if x <= 0 { return 0 }
        if x >= 1 { return 1 }
        if x > (a + 1) / (a + b + 2) { return 1 - incompleteBeta(1 - x, b, a) }
        let front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x)) / a
        let tiny = 1e-300
        func away(_ value: Double) -> Double { abs(value) < tiny ? tiny : value }
        var c = 1.0
        var d = 1 / away(1 - (a + b) * x / (a + 1))
        var fraction = d
        for step in 1 ... 300 {
            let m = Double(step)
            for term in [
                m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
                -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
            ] {
                d = 1 / away(1 + term * d)
                c = away(1 + term / c)
                fraction *= c * d
            }
            if abs(c * d - 1) < 1e-15 { break }
        }
        return min(max(front * fraction, 0), 1)
    }
}
