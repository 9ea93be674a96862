import Foundation

/// Contexts and money as people read them.
public enum CostText {
    /// `640`, `3.1k` (3,174), `1M` (1,048,576): two figures, powers of 1,024.
    public static func context(_ tokens: Double) -> String {
        guard tokens.isFinite, tokens >= 0, tokens < 1e15 else { return "?" }
        var value = tokens
        var unit = 0
        while value >= 1023.5, unit < 3 {
            value /= 1024
            unit += 1
        }
        let text = unit == 0 || value >= 9.95 ? String(format: "%.0f", value) : String(format: "%.1f", value)
        return (text.hasSuffix(".0") ? String(text.dropLast(2)) : text) + ["", "k", "M", "G"][unit]
    }

    /// `0.0012`, `0.15`, `12.30`: no currency, since the price had none.
    public static func money(_ value: Double) -> String {
        value >= 0.1 ? String(format: "%.2f", value) : ScalingText.figure(value)
    }
}
