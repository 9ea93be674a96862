/// Student's t distribution, as far as confidence intervals need it.
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
}
