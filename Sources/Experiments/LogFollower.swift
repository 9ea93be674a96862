import Foundation
import SequenceModel

/// Follows the log of a run while it grows, for progress. Reads only what is new.
struct LogFollower {
    private let log: String
    private let phases: String
    private var logPosition: UInt64 = 0
    private var phasePosition: UInt64 = 0
    private(set) var progress = JobProgress()
    /// The first step that was followed.
    private var first: (step: Int, seconds: Double)?

    /// Begins at the end of what is there: that is of an earlier call.
    ///
    /// - Parameter steps: how many there will be; nil when time is the budget.
    init(_ folder: ComparisonFolder.RunFolder, steps: Int?) {
        progress.steps = steps
        log = folder.log
        phases = folder.phases
        logPosition = LogFollower.size(log)
        phasePosition = LogFollower.size(phases)
    }

    /// True when something new was said.
    mutating func update() -> Bool {
        let before = progress
        for line in LogFollower.newLines(log, &logPosition) {
            guard let value = try? JSONParser.parse([UInt8](line)), let step = value["step"]?.integerValue,
                let bits = RunHistory.bits(value["loss"])
            else { continue }
            progress.phase = "training"
            progress.step = step
            progress.bitsPerByte = bits
            progress.tokensPerSecond = value["tokens_per_second"]?.doubleValue
            if let seconds = value["seconds"]?.doubleValue { estimate(step, seconds) }
        }
        for line in LogFollower.newLines(phases, &phasePosition) {
            guard let value = try? JSONParser.parse([UInt8](line)), let phase = value["phase"]?.stringValue else {
                continue
            }
            progress.phase = phase
            if phase != "training" { progress.secondsLeft = nil }
        }
        return progress != before
    }

    private mutating func estimate(_ step: Int, _ seconds: Double) {
        guard let first else {
            self.first = (step, seconds)
            return
        }
        guard let steps = progress.steps, step > first.step else { return }
        progress.secondsLeft = Double(max(steps - step, 0)) * (seconds - first.seconds) / Double(step - first.step)
    }

    private static func size(_ path: String) -> UInt64 {
        guard let file = FileHandle(forReadingAtPath: path) else { return 0 }
        defer { try? file.close() }
        return (try? file.seekToEnd()) ?? 0
    }

    /// Whole lines after `position`; a file that became shorter is read from its beginning.
    private static func newLines(_ path: String, _ position: inout UInt64) -> [Data] {
        guard let file = FileHandle(forReadingAtPath: path) else { return [] }
        defer { try? file.close() }
        guard let size = try? file.seekToEnd() else { return [] }
        if size < position { position = 0 }
        guard size > position, (try? file.seek(toOffset: position)) != nil, let data = try? file.readToEnd(),
            let end = data.lastIndex(of: UInt8(ascii: "\n"))
        else { return [] }
        position += UInt64(data.distance(from: data.startIndex, to: end) + 1)
        return data[...end].split(separator: UInt8(ascii: "\n")).map { Data($0) }
    }
}
