import SequenceModel
import Testing

@testable import Evaluation

@Suite("Kernel benchmark")
struct KernelBenchmarkTests {
    static let roof = MachineRoof(threads: 1, matrixRate: 100e9, bandwidth: 10e9, exponentialRate: 1e9)

    @Test("the least time is that of the scarcest resource")
    func leastTime() {
        let work = KernelCase(name: "x", shape: "", operations: 200e9, bytes: 10e9, exponentials: 3e9) { _ in }
        #expect(work.leastTime(under: Self.roof) == (3, .exponential))
        let stream = KernelCase(name: "x", shape: "", operations: 200e9, bytes: 40e9) { _ in }
        #expect(stream.leastTime(under: Self.roof) == (4, .memory))
        let matrix = KernelCase(name: "x", shape: "", operations: 200e9) { _ in }
        #expect(matrix.leastTime(under: Self.roof) == (2, .matrix))
    }

    @Test("every kernel runs at a small shape, at block borders too", arguments: [64, 100])
    func runs(tokens: Int) throws {
        var shape = KernelBenchmark.Shape()
        shape.batch = 2
        shape.tokens = tokens
        shape.width = 64
        shape.feedForward = 100
        shape.heads = 2
        shape.streamed = 1 << 14
        var seen: [String] = []
        let results = try KernelBenchmark(shape: shape, seconds: 0).run(NoHostServices(), roof: Self.roof) {
            seen.append($0.name)
        }
        #expect(results.map(\.name) == seen)
        #expect(results.allSatisfy { $0.seconds > 0 && $0.rate > 0 && $0.share > 0 && $0.share.isFinite })
        let wanted = [
            "gemm forward", "gemm input gradient", "gemm weight gradient", "gemv", "attention forward",
            "attention backward",
            "selective scan forward", "selective scan backward", "convolution forward", "convolution backward",
            "rms norm forward", "rms norm backward", "layer norm forward", "layer norm backward", "swiglu forward",
            "swiglu backward", "rotary", "cross-entropy", "cross-entropy gradient", "adamw", "sum of squares", "fill",
        ]
        #expect(Set(seen) == Set(wanted))
        let some = try KernelBenchmark(shape: shape, seconds: 0).run(NoHostServices(), roof: Self.roof, filter: "scan")
        #expect(some.map(\.name) == ["selective scan forward", "selective scan backward"])
    }
}
