import Foundation
import Kernels
public import SequenceModel

/// What this machine can do at most, measured: the roof under which every kernel is judged.
public struct MachineRoof: Sendable, Equatable {
    /// That the rates were measured with, the calling one included.
    public var threads: Int
    /// Float32 operations a second in matrix products (a multiplication and an addition count as two), all threads.
    public var matrixRate: Double
    /// Bytes a second between memory and cores in y += a·x over arrays larger than the last cache, all threads
    /// (two reads and a write for each element, as STREAM counts).
    public var bandwidth: Double
    /// Float32 exponentials a second on data in the first cache, all threads.
    public var exponentialRate: Double

    /// For a roof that was measured elsewhere; `measure` measures this one. Rates are over 0: others divide by them.
    public init(threads: Int, matrixRate: Double, bandwidth: Double, exponentialRate: Double) {
        self.threads = threads
        self.matrixRate = matrixRate
        self.bandwidth = bandwidth
        self.exponentialRate = exponentialRate
    }

    /// The best of several repeats of each measurement, `seconds` each: the roof is what the machine can do when nothing disturbs it.
    public static func measure(_ services: any HostServices, seconds: Double = 0.5) -> MachineRoof {
        let threads = max(services.maximumConcurrency, 1)
        return MachineRoof(
            threads: threads, matrixRate: matrixRate(services, seconds: seconds),
            bandwidth: bandwidth(services, threads: threads, seconds: seconds),
            exponentialRate: exponentialRate(services, threads: threads, seconds: seconds))
    }

    /// The matrix rate alone, in operations a second.
    public static func matrixRate(_ services: any HostServices, seconds: Double = 0.5) -> Double {
        let pieces = 2 * max(services.maximumConcurrency, 1)
        let (rows, width) = (512, 1024)
        let a = AlignedBuffer(pieces * rows * width, filledWith: 0.5)  // [pieces, rows, width]
        let b = AlignedBuffer(width * width, filledWith: 0.25)  // [width, width]
        let c = AlignedBuffer(pieces * rows * width, filledWith: 0)  // [pieces, rows, width]
        let operations = 2.0 * Double(pieces * rows) * Double(width * width)
        return operations
            / bestTime(seconds) {
                services.inParallel(pieces) { piece in
                    let begin = piece * rows * width
                    zk_gemm_f32(
                        0, 0, Int64(rows), Int64(width), Int64(width), 1, a.base + begin, Int64(width), b.base,
                        Int64(width), 0, c.base + begin, Int64(width))
                }
            }
    }

    static func bandwidth(_ services: any HostServices, threads: Int, seconds: Double) -> Double {
        let bytes = min(max(4 * lastCacheBytes(), 64 << 20), 512 << 20)
        let pieces = threads * 4
        let count = bytes / 4 / pieces
        let x = AlignedBuffer(count * pieces, filledWith: 1)
        let y = AlignedBuffer(count * pieces, filledWith: 0)
        return 12 * Double(count * pieces)
            / bestTime(seconds) {
                services.inParallel(pieces) { piece in
                    zk_accumulate_f32(Int64(count), 0.5, x.base + piece * count, y.base + piece * count)
                }
            }
    }

    static func exponentialRate(_ services: any HostServices, threads: Int, seconds: Double) -> Double {
        let (count, rounds) = (2048, 256)
        let x = AlignedBuffer(threads * count, filledWith: -0.7)
        let y = AlignedBuffer(threads * count, filledWith: 0)
        return Double(threads * count * rounds)
            / bestTime(seconds) {
                services.inParallel(threads) { piece in
                    for _ in 0 ..< rounds {
                        zk_exp_f32(Int64(count), x.base + piece * count, y.base + piece * count)
                    }
                }
            }
    }

    /// Bytes of the largest cache of the first core; 32 MiB where the system does not say.
    private static func lastCacheBytes() -> Int {
        let folder = "/sys/devices/system/cpu/cpu0/cache/"
        let sizes = (0 ..< 8).compactMap { index -> Int? in
            guard let text = try? String(contentsOfFile: folder + "index\(index)/size", encoding: .utf8) else {
                return nil
            }
            let digits = text.prefix { $0.isNumber }
            let unit = text.dropFirst(digits.count).first
            return Int(digits).map { $0 << (unit == "M" ? 20 : unit == "K" ? 10 : 0) }
        }
        return sizes.max() ?? (32 << 20)
    }
}
