import Foundation
import SequenceModel

/// Follows the log of a run while it grows, for progress. Reads only what is new.
struct LogFollower {
    private let log: String
    private let phases: String
    private var logPosition: UInt64 = 0
    private var phasePosition: UInt64 = 0
    private(set) var progress = JobProgress()
    private var first: (step: Int, seconds: Double)?

    /// Begins at the end of what is there: that is of an earlier call.
    init(_ folder: ComparisonFolder.RunFolder) {
        log = folder.log
        phases = folder.phases
        logPosition = LogFollower.size(log)
        phasePosition = LogFollower.size(phases)
    }

    /// True when something new was said.
    mutating func update() -> Bool {
        let before = progress
        for line in LogFollower.newLines(log, &logPosition) {
            guard let value = try? JSONParser.parse([UInt8](line)), let step = value["step"]?.integerValue else { continue }
            progress.phase = "training"
            progress.step = step
            if let steps = value["steps"]?.integerValue { progress.steps = steps }
            progress.bitsPerByte = value["bits_per_byte"]?.doubleValue ?? progress.bitsPerByte
            progress.tokensPerSecond = value["tokens_per_second"]?.doubleValue ?? progress.tokensPerSecond
            if let seconds = value["seconds"]?.doubleValue { estimate(step, seconds) }
        }
        for line in LogFollower.newLines(phases, &phasePosition) {
            guard let value = try? JSONParser.parse([UInt8](line)), let phase = value["phase"]?.stringValue else { continue }
            progress.phase = phase
            if let steps = value["steps"]?.integerValue { progress.steps = steps }
            if phase != "training" { progress.secondsLeft = nil }
        }
        return progress != before
    }

    private mutating func estimate(_ step: Int, _ seconds: Double) {
        guard let first else {
            self.first = (step, seconds)
            return
        }
        guard let steps = progress.steps, step > first.step, seconds > first.seconds else { return }
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
