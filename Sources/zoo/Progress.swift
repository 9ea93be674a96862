/// Progress of one piece of work on stderr: on a terminal a line that is rewritten (rate and time left), elsewhere a
/// plain line now and then. Silent with `--quiet`.
final class Progress {
    private let title: String
    private let unit: String
    private let total: Int?
    private let isQuiet: Bool
    private let begin = ContinuousClock.now
    private var origin: (done: Int, time: ContinuousClock.Instant)?
    private var lastShown: ContinuousClock.Instant?
    private var lineIsOpen = false

    /// - Parameters:
    ///   - total: amount of work, nil when not known.
    ///   - unit: what is counted, in the plural: "steps", "bytes".
    init(_ title: String, total: Int? = nil, unit: String, isQuiet: Bool = false) {
        self.title = title
        self.total = total
        self.unit = unit
        self.isQuiet = isQuiet
    }

    deinit { closeLine() }

    /// Says that `done` of the work is finished; `detail` ("loss 1.92") is shown at the end of the line.
    func update(_ done: Int, detail: String = "") {
        guard !isQuiet else { return }
        let now = ContinuousClock.now
        if origin == nil { origin = (done, now) }
        let interval: Duration = Terminal.rewritesLines ? .milliseconds(100) : .seconds(10)
        if let lastShown, now - lastShown < interval, done != total { return }
        lastShown = now
        let line = describe(done, at: now, detail: detail)
        if Terminal.rewritesLines {
            Terminal.writeError("\r\u{1B}[2K" + String(line.prefix(max(Terminal.width - 1, 1))))
            lineIsOpen = true
        } else {
            Terminal.writeError(line + "\n")
        }
    }

    /// A line that stays, above the progress.
    func note(_ text: String) {
        guard !isQuiet else { return }
        if lineIsOpen { Terminal.writeError("\r\u{1B}[2K") }
        lineIsOpen = false
        Terminal.writeError(text + "\n")
    }

    /// Ends the line. Safe to call more than once.
    func finish() { closeLine() }

    private func closeLine() {
        if lineIsOpen { Terminal.writeError("\n") }
        lineIsOpen = false
    }

    private func describe(_ done: Int, at now: ContinuousClock.Instant, detail: String) -> String {
        var parts = [total.map { "\(title) \(done)/\($0) \(unit)" } ?? "\(title) \(done) \(unit)"]
        if let origin, done > origin.done {
            let rate = Double(done - origin.done) / max((now - origin.time) / .seconds(1), 1e-9)
            parts.append("\(Progress.short(rate)) \(unit)/s")
            if let total, total > done { parts.append("\(Progress.clock(Double(total - done) / rate)) left") }
        }
        if let total, done >= total { parts.append("in \(Progress.clock((now - begin) / .seconds(1)))") }
        if !detail.isEmpty { parts.append(detail) }
        return parts.joined(separator: "  ")
    }

    /// Three significant digits: "12.3", "4.56k", "7.89M".
    static func short(_ value: Double) -> String {
        let steps: [(Double, String)] = [(1e9, "G"), (1e6, "M"), (1e3, "k")]
        let (divisor, suffix) = steps.first { abs(value) >= $0.0 } ?? (1, "")
        let scaled = value / divisor
        let places = abs(scaled) >= 100 ? 0 : abs(scaled) >= 10 ? 1 : 2
        let factor = [1.0, 10.0, 100.0][places]
        let rounded = (scaled * factor).rounded() / factor
        guard abs(rounded) < 1e15 else { return "\(rounded)" + suffix }
        return (places == 0 ? "\(Int(rounded))" : "\(rounded)") + suffix
    }

    /// "42s", "3m05s", "2h07m".
    static func clock(_ seconds: Double) -> String {
        let whole = Int(min(max(seconds, 0), 1e9).rounded())
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        if whole < 60 { return "\(whole)s" }
        if whole < 3600 { return "\(whole / 60)m\(two(whole % 60))s" }
        return "\(whole / 3600)h\(two(whole / 60 % 60))m"
    }
}
