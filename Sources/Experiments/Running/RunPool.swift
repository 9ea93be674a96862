import Glibc

/// Keeps so many runs at work as are allowed, those of one comparison or of several: the next comparison begins when those before it
/// have given out what they can.
struct RunPool {
    /// Of all comparisons together, at least 1.
    let concurrentRuns: Int

    /// Between two looks at the runs.
    static let restMicroseconds: UInt32 = 20_000

    /// Carries out what `next` returns.
    ///
    /// - Parameters:
    ///   - next: another comparison; nil when there are no more.
    ///   - event: what happens in each.
    ///   - finished: told of each when all of its runs have ended.
    /// - Throws: what the parameters throw, and `.interrupted`; all runs have ended then.
    func carryOut(
        next: () throws -> ComparisonWork?, event: (ComparisonWork, Comparison.Event) throws -> Void,
        finished: (ComparisonWork) throws -> Void
    ) throws {
        var open: [ComparisonWork] = []
        do {
            while true {
                while open.reduce(0, { $0 + $1.activeCount }) < concurrentRuns {
                    if try begin(open, event) { continue }
                    guard let work = try next() else { break }
                    open.append(work)
                }
                for work in open where work.isDone { try finished(work) }
                open.removeAll(where: \.isDone)
                if open.isEmpty { return }
                var isAnyOver = false
                for work in open {
                    if try work.poll(event: { try event(work, $0) }) { isAnyOver = true }
                }
                if !isAnyOver { usleep(RunPool.restMicroseconds) }
            }
        } catch {
            open.forEach { $0.stop() }
            for work in open { try work.waitForEnd() }
            throw error
        }
    }

    /// Begins one run of the first comparison that has one. A run that two comparisons share is made by one and found by the other.
    private func begin(_ open: [ComparisonWork], _ event: (ComparisonWork, Comparison.Event) throws -> Void) throws -> Bool {
        let hashes = open.map(\.activeHashes)
        for (index, work) in open.enumerated() {
            let busy = Set(hashes.enumerated().filter { $0.offset != index }.flatMap(\.element))
            if try work.begin(busy: busy, event: { try event(work, $0) }) { return true }
        }
        return false
    }
}
