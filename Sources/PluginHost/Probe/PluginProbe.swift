import Glibc

/// Loads plugins in a child process before this one does: a library whose constructor crashes, hangs or ends the
/// process does so there.
///
/// What a child survived is remembered by path, device, inode, size and modification time, so that it is tried once.
public struct PluginProbe: Sendable {
    /// The status with which a child says that it came to its end; a constructor that calls `exit(0)` does not say so.
    public static let survived: Int32 = 42

    private let command: [String]
    private let timeLimit: Duration
    private let cache: ProbeCache

    /// - Parameters:
    ///   - command: program and arguments; the files' paths are appended. It loads them and ends with `survived`.
    ///   - cache: path of the file that remembers; nil to remember nothing. It need not exist, nor be writable.
    ///   - timeLimit: for each child.
    public init(command: [String], cache: String?, timeLimit: Duration = .seconds(10)) {
        self.command = command
        self.timeLimit = timeLimit
        self.cache = ProbeCache(path: cache)
    }

    /// `zoo/plugins.json` in the user's cache folder; nil when there is no home.
    public static func standardCachePath() -> String? {
        func absolute(_ name: String) -> String? {
            getenv(name).map { String(cString: $0) }.flatMap { $0.hasPrefix("/") ? $0 : nil }
        }
        guard let folder = absolute("XDG_CACHE_HOME") ?? absolute("HOME").map({ "\($0)/.cache" }) else { return nil }
        return "\(folder)/zoo/plugins.json"
    }

    /// The files among `paths` that a child did not survive, with what happened. Files that `PluginFile.inspect`
    /// refuses are not tried: nobody will load them.
    func deaths(among paths: [String]) -> [String: ZooError] {
        let reports = paths.compactMap { path in (try? PluginFile.inspect(path)).map { (path: path, report: $0) } }
        let known = cache.read()
        let unknown = reports.filter { known[$0.report.path] != ProbeCache.Mark($0.report) }
        guard !unknown.isEmpty else { return [:] }
        var deaths: [String: ZooError] = [:]
        // One child for all of them; only when it dies, one for each.
        if outcome(of: unknown.map(\.report.path)) != .exited(PluginProbe.survived) {
            for (path, report) in unknown {
                let outcome = outcome(of: [report.path])
                if let reason = reason(outcome) {
                    deaths[path] = ZooError(
                        .plugin, "\(report.path): \(reason) while it was loaded, in a process of its own",
                        hint: "take the file off the search path, or rebuild it")
                }
            }
        }
        let survivors = unknown.filter { deaths[$0.path] == nil }.map(\.report)
        cache.add(survivors, to: known)
        return deaths
    }

    private func outcome(of paths: [String]) -> ChildOutcome {
        ChildOutcome.run(command + paths, timeLimit: timeLimit)
    }

    /// nil when there is nothing to say against loading the file here.
    private func reason(_ outcome: ChildOutcome) -> String? {
        switch outcome {
        case .exited(PluginProbe.survived): nil
        case .exited(let status): "ended the process with status \(status)"
        case .killed(let signal): "crashed (\(String(cString: strsignal(signal))))"
        case .timedOut: "took longer than \(timeLimit)"
        // Without a child there is no verdict: the file is loaded as it would be without a probe.
        case .notStarted: nil
        }
    }
}
