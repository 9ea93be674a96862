import Foundation

/// Sizes as people write them, and numbers as people read them.
public enum SizeText {
    /// More than anybody counts here, and so little that a program may multiply it by small numbers.
    private static let largest = 1e15

    /// A count, powers of 1,000: `300`, `1k`, `256K`, `1M`, `2.5M`, `1e6`. Nil when it is not a whole number of at least 1.
    public static func count(_ text: String) -> Int? { parse(text, base: 1000) }

    /// A length in tokens or bytes, powers of 1,024: `256`, `1k` = 1,024, `16k` = 16,384. Nil as above.
    public static func length(_ text: String) -> Int? { parse(text, base: 1024) }

    /// An amount of computation, `1e13`, `10T`: over 0, at most 1e24.
    public static func operations(_ text: String) -> Double? {
        let factors: [Character: Double] = ["k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15, "E": 1e18]
        let factor = text.last.flatMap { factors[$0] }
        guard let number = Double(factor == nil ? text[...] : text.dropLast()), number.isFinite, number > 0,
            text.first?.isNumber == true, number * (factor ?? 1) <= 1e24
        else { return nil }
        return number * (factor ?? 1)
    }

    /// An amount of memory in bytes, powers of 1,024, `65536`, `64k`, `64KiB`: at most 1 TiB.
    public static func memory(_ text: String) -> Int? {
        var digits = text
        for unit in ["iB", "B"] where digits.hasSuffix(unit) {
            digits.removeLast(unit.count)
            break
        }
        return length(digits).flatMap { $0 <= 1 << 40 ? $0 : nil }
    }

    private static func parse(_ text: String, base: Double) -> Int? {
        var digits = Substring(text.replacing("_", with: ""))
        var factor = 1.0
        switch digits.last {
        case "k", "K": factor = base
        case "m", "M": factor = base * base
        case "g", "G", "b", "B": factor = base * base * base
        default: break
        }
        if factor > 1 { digits.removeLast() }
        // `Double` also reads hexadecimal, infinity and signs.
        guard let first = digits.first, first.isASCII, first.isNumber,
            digits.allSatisfy({ "0123456789.eE+".contains($0) }),
            let number = Double(digits), number.isFinite
        else { return nil }
        let value = (number * factor).rounded()
        // 1.2345k would be 1234.5: not a whole number.
        guard abs(value - number * factor) < 1e-6, value >= 1 else { return nil }
        return value <= largest ? Int(exactly: value) : nil
    }

    /// `842k`, `1.05M`: three figures, powers of 1,000.
    public static func short(_ count: Int) -> String { scaled(Double(count), 1000, ["", "k", "M", "G", "T"]) }

    /// `1.5 MiB`: three figures, powers of 1,024.
    public static func bytes(_ count: Int) -> String {
        scaled(Double(count), 1024, [" B", " KiB", " MiB", " GiB", " TiB"])
    }

    /// `16k`: exact powers of 1,024 short, everything else in full.
    public static func context(_ tokens: Int) -> String {
        tokens >= 1024 && tokens % 1024 == 0 ? "\(tokens / 1024)k" : "\(tokens)"
    }

    /// Three figures.
    public static func rate(_ value: Double) -> String {
        value < 1000 ? figures(value) : scaled(value, 1000, ["", "k", "M", "G", "T"], isExact: false)
    }

    /// `42 s`, `3 min 07 s`, `2 h 05 min`.
    public static func duration(_ seconds: Double) -> String {
        guard seconds.isFinite, seconds >= 0, seconds < 1e9 else { return "?" }
        if seconds < 9.95 { return String(format: "%.1f s", seconds) }
        let whole = Int(seconds.rounded())
        if whole < 60 { return "\(whole) s" }
        if whole < 3600 { return "\(whole / 60) min " + String(format: "%02d s", whole % 60) }
        return "\(whole / 3600) h " + String(format: "%02d min", whole % 3600 / 60)
    }

    private static func scaled(_ value: Double, _ base: Double, _ units: [String], isExact: Bool = true) -> String {
        var value = value
        var unit = 0
        while value.magnitude >= base * 0.9995, unit + 1 < units.count {
            value /= base
            unit += 1
        }
        // `1M`, not `1.00M`, when it is exact.
        return (isExact && value == value.rounded() ? String(format: "%.0f", value) : figures(value)) + units[unit]
    }

    private static func figures(_ value: Double) -> String {
        let magnitude = value.magnitude
        return String(format: magnitude >= 99.95 ? "%.0f" : magnitude >= 9.995 ? "%.1f" : "%.2f", value)
    }
}
