import Glibc
import PluginHost
import Synchronization
import Testing

@Suite struct ThreadPoolTests {
    /// Counts visits of each piece.
    private final class Visits {
        let counts: UnsafeMutablePointer<Int32>
        let count: Int
        init(_ count: Int) {
            self.count = count
            counts = .allocate(capacity: max(count, 1))
            counts.initialize(repeating: 0, count: max(count, 1))
        }
        deinit { counts.deallocate() }
        func run(on pool: ThreadPool) {
            // Pieces are distinct, so that plain additions do not race; a piece run twice shows as 2.
            pool.parallelFor(
                count,
                { argument, index in
                    argument!.assumingMemoryBound(to: Int32.self)[Int(index)] += 1
                }, counts)
        }
        var all: [Int32] { Array(UnsafeBufferPointer(start: counts, count: count)) }
    }

    @Test(arguments: [1, 2, 3, 8])
    func runsEachPieceOnce(threads: Int) {
        let pool = ThreadPool(threads: threads)
        #expect(pool.maximumConcurrency == threads)
        for count in [0, 1, 2, 3, 7, 64, 1000] {
            let visits = Visits(count)
            visits.run(on: pool)
            #expect(visits.all == [Int32](repeating: 1, count: count))
        }
    }

    @Test func atLeastOneThread() {
        #expect(ThreadPool(threads: 0).maximumConcurrency == 1)
        #expect(ThreadPool(threads: -5).maximumConcurrency == 1)
        #expect(ThreadPool.processorCount >= 1)
    }

    /// Job after job, with pauses of every length around the point at which threads go to sleep: no piece is lost,
    /// none runs twice.
    @Test func manyJobsInARow() {
        let pool = ThreadPool(threads: 4)
        let visits = Visits(5)
        for job in 1 ... 20_000 {
            visits.run(on: pool)
            #expect(visits.all.allSatisfy { $0 == Int32(job) })
            if job % 100 == 0 { usleep(UInt32(job / 100)) }
        }
    }

    /// A task that calls again, and a second caller, get their pieces run.
    @Test func nestedCallsRunInline() {
        final class Shared {
            let pool = ThreadPool(threads: 3)
            let sum = Atomic<Int>(0)
        }
        let shared = Shared()
        shared.pool.parallelFor(
            10,
            { argument, _ in
                let shared = Unmanaged<Shared>.fromOpaque(argument!).takeUnretainedValue()
                shared.pool.parallelFor(
                    10,
                    { argument, index in
                        let shared = Unmanaged<Shared>.fromOpaque(argument!).takeUnretainedValue()
                        shared.sum.wrappingAdd(Int(index), ordering: .relaxed)
                    }, argument)
            }, Unmanaged.passUnretained(shared).toOpaque())
        #expect(shared.sum.load(ordering: .relaxed) == 450)
    }

    @Test func manyCallersAtOnce() async {
        let pool = ThreadPool(threads: 2)
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0 ..< 4 {
                group.addTask {
                    let visits = Visits(50)
                    for _ in 0 ..< 500 { visits.run(on: pool) }
                    return visits.all.allSatisfy { $0 == 500 }
                }
            }
            for await isComplete in group { #expect(isComplete) }
        }
    }

    /// Threads end with their pool.
    @Test func poolsComeAndGo() {
        for _ in 0 ..< 200 {
            let pool = ThreadPool(threads: 3)
            Visits(10).run(on: pool)
        }
    }

    @Test func cancels() {
        let pool = ThreadPool(threads: 1)
        #expect(!pool.shouldCancel)
        pool.cancel()
        #expect(pool.shouldCancel)
        pool.allowAgain()
        #expect(!pool.shouldCancel)
    }
}
