import Foundation
import Glibc
public import PluginHost
import Training

/// Runs each job as `zoo run-job FOLDER/job.json` in a process of its own.
public struct ProcessJobRunner: JobRunner {
    /// Names the process that a run belongs to: a run ends when that does.
    public static let parentVariable = "ZOO_COMPARE_PROCESS"

    private let command: [String]
    private let timeoutMinutes: Double?
    private let graceSeconds: Double
    private let isInterrupted: () -> Bool

    /// - Parameters:
    ///   - command: an absolute path and arguments, to which the path of `job.json` is added.
    ///   - timeoutMinutes: what a run may take, evaluation included; nil without limit.
    ///   - graceSeconds: what a process that was asked to end may take before it is killed.
    ///   - isInterrupted: whether the user asked to stop.
    public init(
        command: [String], timeoutMinutes: Double?, graceSeconds: Double = 20,
        isInterrupted: @escaping () -> Bool = { Interruption.isRequested }
    ) {
        self.command = command
        self.timeoutMinutes = timeoutMinutes
        self.graceSeconds = graceSeconds
        self.isInterrupted = isInterrupted
    }

    /// Ours, without the crash reporter, which takes seconds, and with the process that the child belongs to.
    static func childEnvironment() -> [String: String] {
        var environment = ProcessInfo.processInfo.environment
        environment["SWIFT_BACKTRACE"] = "enable=no"
        environment[parentVariable] = "\(getpid())"
        return environment
    }

    /// Looks at the process and its log twenty times a second. To stop it, sends its process group SIGTERM, and SIGKILL after the grace.
    public func run(
        _ job: JobSpecification, in folder: ComparisonFolder.RunFolder, progress: (JobProgress) -> Void
    ) throws -> JobEnding {
        let running = try start(job, in: folder)
        while true {
            if let ending = try running.poll(progress: progress) { return ending }
            usleep(50_000)
        }
    }

    /// Starts the process; see `JobRunner.start`.
    public func start(_ job: JobSpecification, in folder: ComparisonFolder.RunFolder) throws -> any RunningJob {
        // Of an earlier, interrupted call: its last words must not be taken for those of this one.
        try RunFiles.remove(folder.standardOutput)
        try RunFiles.remove(folder.standardError)
        try RunFiles.remove(folder.phases)
        let options = try TrainingOptions(json: job.training.value)
        let follower = LogFollower(folder, steps: options.plannedSteps)
        let child = try ChildProcess(
            command + [folder.job], environment: ProcessJobRunner.childEnvironment(),
            standardOutput: folder.standardOutput, standardError: folder.standardError)
        return ProcessJob(
            child, follower: follower, timeoutMinutes: timeoutMinutes, graceSeconds: graceSeconds,
            isInterrupted: isInterrupted)
    }
}
