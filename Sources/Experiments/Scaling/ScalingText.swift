import Foundation

/// Numbers of scaling studies as people read them.
public enum ScalingText {
    /// `0.34 [0.29, 0.41]`
    public static func interval(_ interval: Interval, places: Int) -> String {
        func text(_ value: Double) -> String { String(format: "%.\(places)f", value) }
        return "\(text(interval.estimate)) [\(text(interval.low)), \(text(interval.high))]"
    }

    /// `312k [270k, 360k]`
    public static func counts(_ interval: Interval) -> String {
        "\(count(interval.estimate)) [\(count(interval.low)), \(count(interval.high))]"
    }

    /// Three figures with k, M, G, T; powers of ten beyond.
    public static func count(_ value: Double) -> String {
        value.isFinite && abs(value) < 9.99e14 ? SizeText.rate(value) : String(format: "%.2e", value)
    }

    /// `1.2e13`
    public static func operations(_ value: Double) -> String { String(format: "%.2g", value).replacing("e+", with: "e") }

    /// Three figures.
    public static func figure(_ value: Double) -> String {
        value.isFinite && abs(value) < 1e6 ? String(format: "%.3g", value) : String(format: "%.2e", value)
    }

    /// `+1.3 %` for 0.013.
    public static func percent(_ share: Double) -> String { String(format: "%+.1f %%", 100 * share) }
}
