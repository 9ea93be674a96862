import CSequenceModel

/// A parameter as the plugin declares it.
struct RawParameter {
    let name: String
    let shape: [Int64]
    let flags: UInt32
    let initialiser: UInt32
    let a: Double
    let b: Double
    let learningRateMultiplier: Double
    /// Index of the parameter whose memory it shares.
    let tiedTo: Int?

    var isBuffer: Bool { flags & SM_PARAMETER_BUFFER != 0 }

    /// Values in it; nil when the sizes are impossible.
    var count: Int? {
        var product: Int64 = 1
        for size in shape {
            let (next, overflow) = product.multipliedReportingOverflow(by: size)
            guard size >= 0, !overflow, next <= 1 << 40 else { return nil }
            product = next
        }
        return Int(product)
    }
}
