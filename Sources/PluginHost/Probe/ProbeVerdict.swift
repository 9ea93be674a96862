import SequenceModel

/// What a child process found out about a plugin file: that it can be loaded, or how the child ended.
struct ProbeVerdict: Equatable {
    /// What makes a file the same as the one that was tried, without reading it.
    let mark: ProbeMark
    /// nil: the child survived it.
    let death: Death?

    /// How loading a file ended the child. It holds for the same bytes, whenever they were written.
    struct Death: Equatable {
        let reason: String
        /// Of the file, in lower-case hexadecimal; nil: the verdict goes with the mark.
        let sha256: String?
    }

    init(mark: ProbeMark, death: Death?) {
        self.mark = mark
        self.death = death
    }

    init?(_ value: JSONValue) {
        guard let mark = value["mark"].flatMap({ ProbeMark($0) }) else { return nil }
        self.mark = mark
        death = value["death"]?.stringValue.map { Death(reason: $0, sha256: value["sha256"]?.stringValue) }
    }

    var json: JSONValue {
        guard let death else { return .object(["mark": mark.json]) }
        return .object(["mark": mark.json, "death": .string(death.reason), "sha256": death.sha256.map { .string($0) } ?? .null])
    }

    /// Whether this was found out about the file as it is now.
    func holds(for report: PluginFileReport) -> Bool {
        if mark == ProbeMark(report) { return true }
        guard let known = death?.sha256, mark.byteCount == report.byteCount else { return false }
        return (try? Plugin.hash(report.path)) == known
    }
}
