import Glibc

/// Finds out which of many files a child process survives, without a process for each: one child loads them in turn, and when it dies or stays
/// with a file the others go to another child.
///
/// A file that kills a child in company is tried again alone: another may have damaged the memory that it died of. One that a child
/// does not come back from keeps its child until its time is over, while the rest goes on: files that hang wait side by side.
///
/// - Complexity: in time, that of loading the files, one start of a program for each that dies, `patience` for each that hangs and one `limit`.
struct ProbeSchedule {
    /// A child and the files it was given. It answers for those before `end`; what comes after was given to another.
    private struct Lane {
        let child: ProbeChild
        let files: Range<Int>
        var end: Int
        var current: Int { files.lowerBound + child.finished }
    }

    private let command: [String]
    private let paths: [String]
    private let patience: Duration
    private let limit: Duration
    private var lanes: [Lane] = []
    /// How the child ended that died of a file, `.exited(survived)` where none did; nil where none could be started.
    private(set) var outcomes: [ChildOutcome?]

    /// - Parameters:
    ///   - command: program and arguments, to which the files' paths are added.
    ///   - limit: what one file may take. A busy machine makes any file late.
    init(command: [String], paths: [String], limit: Duration) {
        self.command = command
        self.paths = paths
        self.limit = limit
        patience = min(.seconds(1), limit)
        outcomes = Array(repeating: nil, count: paths.count)
    }

    /// Tries all of them.
    mutating func run() {
        start(paths.indices)
        while !lanes.isEmpty {
            let present = lanes
            lanes = []
            for lane in present { look(at: lane) }
            if !lanes.isEmpty { usleep(1000) }
        }
    }

    private mutating func start(_ files: Range<Int>) {
        guard !files.isEmpty, let child = ProbeChild(command + paths[files]) else { return }
        lanes.append(Lane(child: child, files: files, end: files.upperBound))
    }

    private mutating func look(at lane: Lane) {
        var lane = lane
        let outcome = lane.child.poll()
        let survivors = outcome == .exited(PluginProbe.survived) ? lane.end : min(lane.current, lane.end)
        for file in lane.files.lowerBound ..< survivors { outcomes[file] = .exited(PluginProbe.survived) }
        // Late, but it came back: the others are with another child.
        guard survivors < lane.end else { return }
        let silence = ContinuousClock.now - lane.child.lastHeard
        if let outcome {
            if lane.files.count == 1 {
                outcomes[survivors] = outcome
            } else {
                start(survivors ..< survivors + 1)
            }
            start(survivors + 1 ..< lane.end)
        } else if silence > limit {
            lane.child.end()
            outcomes[survivors] = .timedOut
            start(survivors + 1 ..< lane.end)
        } else {
            if silence > patience, survivors + 1 < lane.end {
                start(survivors + 1 ..< lane.end)
                lane.end = survivors + 1
            }
            lanes.append(lane)
        }
    }
}
