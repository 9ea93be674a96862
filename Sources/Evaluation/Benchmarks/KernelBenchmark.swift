public import SequenceModel

/// The share of this machine's measured peak that each kernel reaches.
public struct KernelBenchmark: Sendable {
    /// B, T, D, feed-forward width, H of the model whose work is timed.
    public var shape: Shape
    /// For each kernel.
    public var seconds: Double

    /// Each kernel is repeated at least three times, whatever `seconds` is.
    public init(shape: Shape = Shape(), seconds: Double = 0.5) {
        self.shape = shape
        self.seconds = seconds
    }

    /// Sizes of the model that kernels are timed for.
    public struct Shape: Sendable {
        /// B, windows in a training step.
        public var batch = 8
        /// T, tokens in a window.
        public var tokens = 512
        /// D, model width; a multiple of `heads`.
        public var width = 512
        /// Inner width of the feed-forward layers; the default is the 8/3 D of SwiGLU, rounded up to a multiple of 8.
        public var feedForward = 1368
        /// H, each D / H wide.
        public var heads = 8
        /// V, symbols of the head.
        public var vocabulary = 256
        /// N, state size of the scan, whose channels are 2 D.
        public var stateSize = 16
        /// Values in arrays that are meant to be larger than any cache.
        public var streamed = 1 << 24

        /// A model of D 512 over 4,096 tokens.
        public init() {}

        /// B × T
        var rows: Int { batch * tokens }
    }

    /// Times every kernel whose name contains `filter`, telling `progress` of each.
    public func run(
        _ services: any HostServices, roof: MachineRoof, filter: String = "",
        progress: (KernelResult) throws -> Void = { _ in }
    ) throws -> [KernelResult] {
        let groups: [() -> [KernelCase]] = [
            { matrixCases(shape) }, { attentionCases(shape) }, { scanCases(shape) }, { rowCases(shape) },
            { streamCases(shape) },
        ]
        var results: [KernelResult] = []
        // One group's buffers are freed before the next group's are made.
        for group in groups {
            for work in group() where filter.isEmpty || work.name.contains(filter) {
                let result = time(work, services, roof)
                results.append(result)
                try progress(result)
            }
        }
        return results
    }

    private func time(_ work: KernelCase, _ services: any HostServices, _ roof: MachineRoof) -> KernelResult {
        work.run(services)
        let watch = Stopwatch()
        var times: [Double] = []
        while times.count < 3 || watch.seconds < seconds {
            let call = Stopwatch()
            work.run(services)
            times.append(call.seconds)
        }
        let taken = max(median(times) ?? 0, 1e-9)
        let (least, limit) = work.leastTime(under: roof)
        return KernelResult(
            name: work.name, shape: work.shape, seconds: taken, limit: limit, rate: work.work(limit) / taken,
            share: least / taken)
    }
}
