import Foundation
import SequenceModel
import Training

/// What a run is doing, besides the steps in its log: `phases.jsonl`, a line for each phase.
struct RunPhases {
    static let training = "training"
    private let log: RunLog

    /// - Throws: `ZooError` when the file cannot be written.
    init(_ folder: ComparisonFolder.RunFolder) throws { log = try RunLog(path: folder.phases, keepingStepsUpTo: 0) }

    func begin(_ phase: String) throws { try log.append(["phase": .string(phase)]) }

    /// The last phase that began; nil when there is none.
    static func last(_ path: String) -> String? {
        RunHistory.tail(of: path, bytes: 4096).split(separator: "\n").last
            .flatMap { try? JSONParser.parse(String($0)) }?["phase"]?.stringValue
    }
}
