import Glibc

/// Finds out which of many files a child process survives, without a process for each: one child loads them in turn, and when it dies or stays
/// with a file the others go to another child.
///
/// A file that kills a child in company is tried again alone: another may have damaged the memory that it died of. So in the end those that live
/// are loaded together, and where that goes wrong, the one is searched for without which it does not. One that a child
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
    private var hasDeaths = false
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
        // Where one child survived all, that was the company.
        guard hasDeaths else { return }
        var rounds = 0
        while rounds < ProbeSchedule.maximumRounds, let culprit = culprit() {
            outcomes[culprit.file] = culprit.outcome
            rounds += 1
        }
    }

    /// Files that may be given up for what they do to others.
    private static let maximumRounds = 64

    /// The file that makes the survivors die when they are loaded together; nil when they do not.
    private func culprit() -> (file: Int, outcome: ChildOutcome)? {
        let survivors = paths.indices.filter { outcomes[$0] == .exited(PluginProbe.survived) }
        guard let (victim, outcome) = death(of: survivors[...]) else { return nil }
        // Loaded alone it lived. Of those before it, the last is searched for from which on the victim still dies.
        var (dies, lives) = (0, victim)
        while lives - dies > 1 {
            let middle = (dies + lives) / 2
            if death(of: survivors[middle ... victim]) != nil { dies = middle } else { lives = middle }
        }
        return dies < victim ? (survivors[dies], .damaged) : (survivors[victim], outcome)
    }

    /// Loads `files` in one child. Where it did not come to its end: the place in `files`' base collection that it got to, and how it ended.
    private func death(of files: ArraySlice<Int>) -> (place: Int, outcome: ChildOutcome)? {
        guard let last = files.indices.last, let child = ProbeChild(command + files.map { paths[$0] }) else { return nil }
        while true {
            let outcome = child.poll()
            let place = min(files.startIndex + child.finished, last)
            if let outcome { return outcome == .exited(PluginProbe.survived) ? nil : (place, outcome) }
            if ContinuousClock.now - child.lastHeard > limit { return (place, .timedOut) }
            usleep(1000)
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
            hasDeaths = true
            if lane.files.count == 1 {
                outcomes[survivors] = outcome
            } else {
                start(survivors ..< survivors + 1)
            }
            start(survivors + 1 ..< lane.end)
        } else if silence > limit {
            hasDeaths = true
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
