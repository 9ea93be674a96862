import Foundation
import Glibc
public import PluginHost

/// Measures each model at each context in a process of its own, so that a crash, a hang or a lack of memory is a figure that is missing and
/// no more.
public struct CostMeasurer {
    /// A model that takes part.
    public struct Subject: Sendable {
        /// Model id.
        public var model: String
        /// Absolute path of the plugin file.
        public var plugin: String
        /// What was made of the size that was asked for.
        public var sized: SizedModel

        /// `plugin` is an absolute path.
        public init(model: String, plugin: String, sized: SizedModel) {
            self.model = model
            self.plugin = plugin
            self.sized = sized
        }
    }

    private let command: [String]
    private let limitSeconds: Double
    private let threads: Int
    private let isInterrupted: () -> Bool

    /// - Parameters:
    ///   - command: an absolute path and arguments, to which the path of the request is added.
    ///   - limitSeconds: what a process may take.
    ///   - threads: of each process.
    ///   - isInterrupted: whether the user asked to stop.
    public init(
        command: [String], limitSeconds: Double, threads: Int, isInterrupted: @escaping () -> Bool = { Interruption.isRequested }
    ) {
        self.command = command
        self.limitSeconds = limitSeconds
        self.threads = threads
        self.isInterrupted = isInterrupted
    }

    /// The figures of one model: training, then decoding, contexts rising. Once a context took longer than the limit, longer ones
    /// are not tried.
    ///
    /// - Parameter progress: told of each figure before it is measured.
    /// - Throws: `ZooError`: `.interrupted`, and when a process cannot be started.
    public func measure(
        _ subject: Subject, contexts: [Int], kinds: [CostRequest.Kind] = CostRequest.Kind.allCases,
        progress: (CostRequest.Kind, Int) -> Void = { _, _ in }
    ) throws -> [CostFigure] {
        try kinds.flatMap { kind -> [CostFigure] in
            var limit: Int?
            return try contexts.sorted().map { context in
                if let limit {
                    return CostFigure(
                        kind: kind, context: context,
                        reason: "not tried: \(SizeText.context(limit)) tokens already took longer than \(SizeText.duration(limitSeconds))")
                }
                progress(kind, context)
                let request = CostRequest(
                    kind: kind, plugin: subject.plugin, model: subject.model, config: subject.sized.configuration, context: context,
                    threads: threads, seconds: limitSeconds * 0.7)
                guard let figure = try figure(request) else {
                    limit = context
                    return CostFigure(kind: kind, context: context, reason: "took longer than \(SizeText.duration(limitSeconds))")
                }
                return figure
            }
        }
    }

    /// nil when its time was over.
    private func figure(_ request: CostRequest) throws -> CostFigure? {
        let path = NSTemporaryDirectory() + "/zoo-cost-\(UUID().uuidString)"
        try RunFiles.makeFolder(path)
        defer { try? FileManager.default.removeItem(atPath: path) }
        let folder = ComparisonFolder.RunFolder(path: path)
        try JSONFile.write(request, to: folder.job)
        let child = try ChildProcess(
            command + [folder.job], environment: ProcessJobRunner.childEnvironment(), standardOutput: folder.standardOutput,
            standardError: folder.standardError)
        let begin = ContinuousClock.now
        while true {
            if let ending = child.poll() {
                child.signalGroup(SIGKILL)
                return try answer(request, ending, folder)
            }
            let isLate = (ContinuousClock.now - begin) / .seconds(1) > limitSeconds
            if isLate || isInterrupted() {
                child.signalGroup(SIGKILL)
                while child.poll() == nil { usleep(1000) }
                guard isLate else { throw ZooError(.interrupted, "interrupted") }
                return nil
            }
            usleep(5000)
        }
    }

    private func answer(
        _ request: CostRequest, _ ending: JobEnding, _ folder: ComparisonFolder.RunFolder
    ) throws -> CostFigure {
        if ending == .exited(0), FileManager.default.fileExists(atPath: folder.result) {
            return try JSONFile.read(CostFigure.self, from: folder.result)
        }
        let words = LastWords.line(in: folder)
        let cause: String
        switch ending {
        case .signalled(let number): cause = JobEnding.name(ofSignal: number)
        case .exited(let status): cause = "exit status \(status)"
        case .timedOut, .interrupted: cause = "was stopped"
        }
        return CostFigure(
            kind: request.kind, context: request.context, reason: cause + (words.map { "; last line: \($0)" } ?? ""))
    }
}
