import ArgumentParser
import Evaluation
import Foundation
import PluginHost
import SequenceModel

/// `zoo bench kernels`: the share of this machine's measured peak that each kernel reaches.
struct BenchKernels: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kernels", abstract: "Share of this machine's measured peak that each kernel reaches.",
        discussion: """
            The peak is measured first: matrix rate, memory bandwidth, exponentials. A kernel's share is the least time that its work \
            needs under these three over the time it took. Work on data that stays in a cache can exceed the share of memory.

            Example:
              zoo bench kernels --only attention --seconds 1
            """)

    @OptionGroup var global: GlobalOptions

    @Option(help: "Only kernels whose name contains this. Default: all.")
    var only = ""

    @Option(help: "Seconds for each kernel, 0 to 3600.")
    var seconds = 0.5

    @Option(help: "B, rows of the training step whose shapes are timed.")
    var batch = 8

    @Option(help: "T, tokens of a row of that training step.")
    var context = 512

    @Option(help: "D, the width of that model: a multiple of 64.")
    var width = 512

    func validate() throws {
        if !(seconds >= 0 && seconds <= 3600) { throw ValidationError("--seconds is \(seconds); allowed: 0 to 3600") }
        if !(1 ... 4096).contains(batch) { throw ValidationError("--batch is \(batch); allowed: 1 to 4096") }
        if !(1 ... 65536).contains(context) { throw ValidationError("--context is \(context); allowed: 1 to 65536") }
        if width < 64 || width > 16384 || width % 64 != 0 {
            throw ValidationError("--width is \(width); allowed: multiples of 64 from 64 to 16384")
        }
    }

    func run() throws {
        BenchEnvironment.warn()
        let services = global.services()
        let roof = MachineRoof.measure(services, seconds: max(seconds, 0.2))
        if !global.json {
            print(
                String(
                    format: "peak of %d threads: %.1f GF/s float32 matrix products, %.1f GB/s, %.2f G exponentials/s",
                    roof.threads, roof.matrixRate / 1e9, roof.bandwidth / 1e9, roof.exponentialRate / 1e9))
        }
        var shape = KernelBenchmark.Shape()
        shape.batch = batch
        shape.tokens = context
        shape.width = width
        shape.heads = width / 64
        shape.feedForward = (width * 8 / 3 + 7) / 8 * 8
        let results = try KernelBenchmark(shape: shape, seconds: seconds).run(services, roof: roof, filter: only) {
            if !global.json { show($0) }
        }
        guard !results.isEmpty else { throw ZooError(.usage, "no kernel's name contains \(only)") }
        guard global.json else { return }
        print(
            json: [
                "machine": .object(BenchEnvironment.machine(roof)),
                "kernels": .array(results.map { .object(json($0)) }),
            ])
    }

    private func show(_ result: KernelResult) {
        let name = result.name.padding(toLength: 22, withPad: " ", startingAt: 0)
        let shape = result.shape.padding(toLength: 24, withPad: " ", startingAt: 0)
        let unit = BenchEnvironment.unit(result.limit)
        print(
            String(
                format: "%@%@%9.3f ms%8.2f %@%4.0f %%", name, shape, result.seconds * 1e3, result.rate / 1e9, unit,
                result.share * 100))
    }

    private func json(_ result: KernelResult) -> JSONObject {
        [
            "name": .string(result.name), "shape": .string(result.shape), "seconds": .number(result.seconds),
            "limit": .string(result.limit.rawValue), "rate": .number(result.rate),
            "share_of_peak": .number(result.share),
        ]
    }
}
