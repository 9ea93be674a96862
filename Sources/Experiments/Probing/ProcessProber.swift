import Foundation
import Glibc
public import PluginHost

/// Measures what a run costs in a process of its own, so that a plugin that crashes or hangs takes nothing with it.
public struct ProcessProber {
    private let command: [String]
    private let limitSeconds: Double

    /// - Parameters:
    ///   - command: an absolute path and arguments, to which the path of `job.json` is added.
    ///   - limitSeconds: how long it may take.
    public init(command: [String], limitSeconds: Double = 120) {
        self.command = command
        self.limitSeconds = limitSeconds
    }

    /// Blocks until there is an answer or the time is over.
    ///
    /// - Returns: what was measured, or why nothing was, in one line.
    /// - Throws: `ZooError`: `.interrupted` when the user asked to stop, `.temporary` when the process cannot be started.
    public func probe(_ job: JobSpecification) throws -> Result<RunProbe, ZooError> {
        let path = NSTemporaryDirectory() + "/zoo-probe-\(UUID().uuidString)"
        try RunFiles.makeFolder(path)
        defer { try? FileManager.default.removeItem(atPath: path) }
        let folder = ComparisonFolder.RunFolder(path: path)
        try JSONFile.write(job, to: folder.job)
        let runner = ProcessJobRunner(command: command, timeoutMinutes: limitSeconds / 60, graceSeconds: 2)
        let ending = try runner.run(job, in: folder) { _ in }
        if ending == .interrupted { throw ZooError(.interrupted, "interrupted") }
        if ending == .exited(0), FileManager.default.fileExists(atPath: folder.result) {
            return .success(try JSONFile.read(RunProbe.self, from: folder.result))
        }
        let words = LastWords.line(in: folder).map { $0.hasPrefix("error: ") ? String($0.dropFirst(7)) : $0 }
        let cause: String
        switch ending {
        case .signalled(let number): cause = JobEnding.name(ofSignal: number)
        case .timedOut: cause = "did not answer within \(SizeText.duration(limitSeconds))"
        case .exited, .interrupted: return .failure(ZooError(.plugin, words ?? "ended without an answer"))
        }
        return .failure(ZooError(.plugin, cause + (words.map { "; last line: \($0)" } ?? "")))
    }
}
