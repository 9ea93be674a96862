import Glibc
import Kernels
import Synchronization
import Testing

/// Products on several threads at once are those of one thread. OpenBLAS's serial build does not give that by itself.
@Suite struct ConcurrencyTests {
    private static let wrong = Atomic<Int>(0)
    private static let threads = 6

    @Test func productsOnSeveralThreadsAreThoseOfOne() {
        var workers: [pthread_t] = []
        for index in 0 ..< Self.threads {
            var worker = pthread_t()
            let argument = UnsafeMutableRawPointer(bitPattern: index + 1)
            guard pthread_create(&worker, nil, { argument in Self.multiply(Int(bitPattern: argument)); return nil }, argument) == 0
            else { continue }
            workers.append(worker)
        }
        #expect(workers.count == Self.threads)
        for worker in workers { pthread_join(worker, nil) }
        #expect(Self.wrong.load(ordering: .relaxed) == 0)
    }

    /// The same product over and over: every round must give the bits of the first.
    private static func multiply(_ seed: Int) {
        let (m, n, k) = (42, 32, 32)
        let a = (0 ..< m * k).map { Float(($0 * 7 + seed * 13) % 29) / 29 }
        let b = (0 ..< n * k).map { Float(($0 * 5 + seed * 11) % 31) / 31 }
        var first: [Float] = []
        for _ in 0 ..< 8000 {
            var c = [Float](repeating: 0, count: m * n)
            zk_gemm_f32(0, 1, Int64(m), Int64(n), Int64(k), 1, a, Int64(k), b, Int64(k), 0, &c, Int64(n))
            if first.isEmpty { first = c }
            if first != c { wrong.add(1, ordering: .relaxed) }
        }
    }
}
