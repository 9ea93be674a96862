import Glibc

/// Loads plugins in a child process before this one does: a library whose constructor crashes, hangs or ends the
/// process does so there.
///
/// What a child found out is remembered by path, device, inode, size and modification time, so that each file is tried once;
/// a file that ended a child is not tried again until its bytes (SHA-256) are others, one that took too long not until it was touched.
public struct PluginProbe: Sendable {
    /// The status with which a child says that it came to its end; a constructor that calls `exit(0)` does not say so.
    public static let survived: Int32 = 42

    private let command: [String]
    private let timeLimit: Duration
    private let trustsLiving: Bool
    private let cache: ProbeCache

    /// - Parameters:
    ///   - command: program and arguments; the files' paths are appended. It loads them in this order, calls `report` after each and ends with `survived`.
    ///   - cache: path of the file that remembers; nil to remember nothing. It need not exist, nor be writable.
    ///   - timeLimit: for each file.
    ///   - trustsLiving: false: what a child survived before is tried again.
    public init(command: [String], cache: String?, timeLimit: Duration = .seconds(10), trustsLiving: Bool = true) {
        self.trustsLiving = trustsLiving
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

    /// The files among `paths` that a child did not survive, now or before, with what happened. Files that
    /// `PluginFile.inspect` refuses are not tried: nobody will load them.
    func deaths(among paths: [String]) -> [String: ZooError] {
        let reports = paths.compactMap { path in (try? PluginFile.inspect(path)).map { (path: path, report: $0) } }
        var verdicts = cache.read()
        let unknown = reports.filter { report in
            guard let verdict = verdicts[report.report.path], verdict.holds(for: report.report) else { return true }
            return verdict.death == nil && !trustsLiving
        }
        if !unknown.isEmpty {
            // Those that are known to live come along: what is new may damage what they use.
            let candidates = reports.map(\.report).filter { report in
                verdicts[report.path].map { !$0.holds(for: report) || $0.death == nil } ?? true
            }
            for (path, verdict) in tried(candidates) { verdicts[path] = verdict }
            cache.write(verdicts)
        }
        var deaths: [String: ZooError] = [:]
        for (path, report) in reports {
            guard let death = verdicts[report.path]?.death else { continue }
            deaths[path] = ZooError(
                .plugin, "\(report.path): \(death.reason) while it was loaded, in a process of its own",
                hint: "take the file off the search path, or rebuild it: it is tried again when "
                    + (death.sha256 == nil ? "it was touched" : "its bytes change"))
        }
        return deaths
    }

    /// Verdicts by path. Without a child there is none: such a file is loaded as it would be without a probe.
    private func tried(_ reports: [PluginFileReport]) -> [String: ProbeVerdict] {
        var schedule = ProbeSchedule(command: command, paths: reports.map(\.path), limit: timeLimit)
        schedule.run()
        var verdicts: [String: ProbeVerdict] = [:]
        for (report, outcome) in zip(reports, schedule.outcomes) {
            let mark = ProbeMark(report)
            switch outcome {
            case nil: continue
            case .exited(PluginProbe.survived): verdicts[report.path] = ProbeVerdict(mark: mark, death: nil)
            case let outcome?:
                // A busy machine can make anything late: then a touched file is tried again, whatever its bytes.
                let hash = outcome == .timedOut ? nil : try? Plugin.hash(report.path)
                let death = ProbeVerdict.Death(reason: outcome.reason(timeLimit: timeLimit), sha256: hash)
                verdicts[report.path] = ProbeVerdict(mark: mark, death: death)
            }
        }
        return verdicts
    }

    /// For the child: tells that it is done with the next file.
    public static func report() {
        var status = stat()
        // Started by hand it has nobody to tell.
        guard fstat(ProbeChild.reportDescriptor, &status) == 0, status.st_mode & S_IFMT == S_IFIFO else { return }
        var byte: UInt8 = 0
        _ = write(ProbeChild.reportDescriptor, &byte, 1)
    }
}
