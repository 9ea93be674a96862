extension Double {
    /// Three significant digits, for people: "0.00123", "1.2e-09".
    var short: String {
        guard isFinite, self != 0 else { return "\(self)" }
        var exponent = 0
        var value = magnitude
        while value >= 10 { (value, exponent) = (value / 10, exponent + 1) }
        while value < 1 { (value, exponent) = (value * 10, exponent - 1) }
        let digits = (value * 100).rounded() / 100
        let sign = self < 0 ? "-" : ""
        if exponent < -3 || exponent > 5 { return "\(sign)\(digits)e\(exponent)" }
        var scale = 1.0
        for _ in 0 ..< abs(exponent) { scale *= 10 }
        let shown = exponent < 0 ? digits / scale : digits * scale
        // Rounding to where the third digit stands drops what binary fractions add.
        let places = 1e8
        return "\(sign)\((shown * places).rounded() / places)"
    }
}
