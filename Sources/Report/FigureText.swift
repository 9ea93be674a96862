import Experiments
import Foundation

/// Figures of a difference as people read them.
enum FigureText {
    /// `decoding at 16k, tokens/s` for `decode_tokens_per_second_16384`.
    static func name(_ figure: String) -> String {
        for (prefix, text) in [("decode_tokens_per_second_", "decoding at %@, tokens/s"), ("state_bytes_", "state at %@")]
        where figure.hasPrefix(prefix) {
            let context = Int(figure.dropFirst(prefix.count)).map(SizeText.context) ?? "?"
            return text.replacing("%@", with: context)
        }
        let names = [
            "bits_per_byte": "bits per byte", "train_tokens_per_second": "training, tokens/s", "peak_memory_bytes": "memory in training",
            "parameters": "parameters",
        ]
        return names[figure] ?? figure
    }

    /// One value of the figure.
    static func value(_ value: Double, _ figure: String) -> String {
        if figure == "bits_per_byte" { return String(format: "%.4f", value) }
        if figure.contains("bytes") { return SizeText.bytes(Int(value.rounded())) }
        return figure == "parameters" ? SizeText.short(Int(value.rounded())) : SizeText.rate(value)
    }

    /// `−0.0125 ± 0.0031` for bits per byte, else in percent of the old value.
    static func change(_ change: FigureChange) -> String {
        func signed(_ text: String, _ value: Double) -> String { (value < 0 ? "−" : "+") + text }
        if change.figure == "bits_per_byte" || change.old == 0 {
            let spread = change.halfWidth.map { String(format: " ± %.4f", $0) } ?? ""
            return signed(String(format: "%.4f", abs(change.change)), change.change) + spread
        }
        let spread = change.halfWidth.map { String(format: " ± %.1f", $0 / change.old * 100) } ?? ""
        return signed(String(format: "%.1f", abs(change.change) / change.old * 100), change.change) + spread + " %"
    }

    /// What to make of it, in a word or two.
    static func verdict(_ change: FigureChange) -> String {
        if !change.reservation.isEmpty { return change.reservation }
        if change.isSignificant { return change.isWorse ? "worse" : "better" }
        switch change.method {
        case .none: return "one run, not known"
        case .exact: return "the same"
        case .paired, .welch: return change.change == 0 ? "the same" : "may be chance"
        }
    }
}
