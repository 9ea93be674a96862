import Glibc

/// The process of one run. To stop it, sends its process group SIGTERM, and SIGKILL after the grace.
final class ProcessJob: RunningJob {
    private let child: ChildProcess
    private var follower: LogFollower
    private let timeoutMinutes: Double?
    private let graceSeconds: Double
    private let isInterrupted: () -> Bool
    private let begin = ContinuousClock.now
    private var reason: JobEnding?
    private var asked = ContinuousClock.now

    init(
        _ child: ChildProcess, follower: LogFollower, timeoutMinutes: Double?, graceSeconds: Double,
        isInterrupted: @escaping () -> Bool
    ) {
        self.child = child
        self.follower = follower
        self.timeoutMinutes = timeoutMinutes
        self.graceSeconds = graceSeconds
        self.isInterrupted = isInterrupted
    }

    func poll(progress: (JobProgress) -> Void) throws -> JobEnding? {
        if let ending = child.poll() {
            // What it started goes with it.
            child.signalGroup(SIGKILL)
            if follower.update() { progress(follower.progress) }
            // A run that finished just as it was asked to stop has a result: that counts.
            return ending == .exited(0) ? ending : reason ?? ending
        }
        let now = ContinuousClock.now
        if reason == nil {
            if isInterrupted() {
                ask(.interrupted)
            } else if let timeoutMinutes, (now - begin) / .seconds(1) > timeoutMinutes * 60 {
                ask(.timedOut(minutes: timeoutMinutes))
            }
        } else if (now - asked) / .seconds(1) > graceSeconds {
            child.signalGroup(SIGKILL)
        }
        if follower.update() { progress(follower.progress) }
        return nil
    }

    func stop() { if reason == nil { ask(.interrupted) } }

    private func ask(_ reason: JobEnding) {
        self.reason = reason
        asked = .now
        child.signalGroup(SIGTERM)
    }
}
