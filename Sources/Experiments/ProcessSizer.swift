import Foundation
import Glibc
public import PluginHost

/// Asks each model in a process of its own, so that a plugin that crashes or hangs takes nothing with it.
public struct ProcessSizer: ModelSizer {
    /// Declaring tensors takes milliseconds; half a minute is for machines that are busy.
    public static let defaultLimitSeconds = 30.0

    private let command: [String]
    private let limitSeconds: Double
    private let isInterrupted: () -> Bool

    /// - Parameters:
    ///   - command: an absolute path and arguments, to which the path of the request is added.
    ///   - limitSeconds: how long a model may take to answer.
    ///   - isInterrupted: whether the user asked to stop.
    public init(
        command: [String], limitSeconds: Double = defaultLimitSeconds,
        isInterrupted: @escaping () -> Bool = { Interruption.isRequested }
    ) {
        self.command = command
        self.limitSeconds = limitSeconds
        self.isInterrupted = isInterrupted
    }

    /// Blocks until there is an answer or the time is over, at which the process group is killed.
    ///
    /// - Throws: `ZooError`: also `.data` for an answer that cannot be read.
    public func size(_ request: SizingRequest) throws -> SizingAnswer {
        let path = NSTemporaryDirectory() + "/zoo-size-\(UUID().uuidString)"
        try RunFiles.makeFolder(path)
        defer { try? FileManager.default.removeItem(atPath: path) }
        let folder = ComparisonFolder.RunFolder(path: path)
        try JSONFile.write(request, to: folder.job)
        let child = try ChildProcess(
            command + [folder.job], environment: ProcessJobRunner.childEnvironment(),
            standardOutput: folder.standardOutput, standardError: folder.standardError)
        guard let ending = try wait(for: child) else {
            return .failed(
                SizingFailure(
                    status: .timeout,
                    detail: "did not answer within \(SizeText.duration(limitSeconds))\(ProcessSizer.place(folder))"))
        }
        return try answer(ending, folder)
    }

    /// nil when its time was over; it is gone then.
    private func wait(for child: ChildProcess) throws -> JobEnding? {
        let begin = ContinuousClock.now
        while true {
            if let ending = child.poll() {
                child.signalGroup(SIGKILL)
                return ending
            }
            let isLate = (ContinuousClock.now - begin) / .seconds(1) > limitSeconds
            if isLate || isInterrupted() {
                child.signalGroup(SIGKILL)
                while child.poll() == nil { usleep(1000) }
                guard isLate else { throw ZooError(.interrupted, "interrupted before the first run") }
                return nil
            }
            usleep(2000)
        }
    }

    private func answer(_ ending: JobEnding, _ folder: ComparisonFolder.RunFolder) throws -> SizingAnswer {
        if ending == .exited(0), FileManager.default.fileExists(atPath: folder.result) {
            let reply = try JSONFile.read(SizingExecution.Reply.self, from: folder.result)
            if let sized = reply.sized { return .sized(sized) }
            if let refusal = reply.refused { return .refused(refusal) }
        }
        let words = LastWords.line(in: folder)
        if ending == .exited(ZooError.Code.temporary.exitStatus) {
            throw ZooError(.temporary, words ?? "a process that was to size a model could not do its work")
        }
        let cause: String
        switch ending {
        case .signalled(let number): cause = JobEnding.name(ofSignal: number)
        case .exited(let status): cause = "ended its process with status \(status)"
        case .timedOut, .interrupted: cause = "was stopped"
        }
        let detail = cause + ProcessSizer.place(folder) + (words.map { "; last line: \($0)" } ?? "")
        return .failed(SizingFailure(status: .crashed, detail: detail))
    }

    /// ` in propose`: the function of the plugin that was called last.
    private static func place(_ folder: ComparisonFolder.RunFolder) -> String {
        let phase = RunPhases.last(folder.phases)
        return phase.map { SizingRefusal.Stage(rawValue: $0) == nil ? " while \($0)" : " in \($0)" } ?? ""
    }
}
