/// Compares numbers that should be equal to rounding.
struct Closeness {
    /// Largest difference, as a share of the largest magnitude (at least 1).
    let largest: Double
    /// What to say when it is too large.
    let complaint: String?

    /// - Parameter tolerance: share of the largest magnitude that rounding may explain.
    init(expected: [Float], got: [Float], tolerance: Double = 2e-4) {
        let scale = max(1, expected.reduce(0) { max($0, $1.isFinite ? Double($1.magnitude) : 0) })
        var largest = 0.0
        var complaint: String?
        if expected.count != got.count { complaint = "\(got.count) numbers instead of \(expected.count)" }
        for (index, (one, other)) in zip(expected, got).enumerated() {
            let difference = one.bitPattern == other.bitPattern ? 0 : Double((one - other).magnitude) / scale
            if complaint == nil, !(difference <= tolerance) { complaint = "number \(index) is \(other), expected \(one)" }
            if difference > largest { largest = difference }
        }
        self.largest = largest
        self.complaint = complaint
    }
}
