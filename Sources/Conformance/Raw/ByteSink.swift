import CSequenceModel

/// Collects what a plugin writes through an `sm_writer`.
final class ByteSink {
    private(set) var bytes: [UInt8] = []
    /// What the writer answers once `limit` bytes were taken.
    private let refusal: Int32
    private let limit: Int

    init(limit: Int = 1 << 28, refusal: Int32 = SM_RESOURCE_EXHAUSTED) {
        self.limit = limit
        self.refusal = refusal
    }

    /// Lends a writer that fills `bytes`.
    func withWriter<Result>(_ body: (UnsafePointer<sm_writer>) throws -> Result) rethrows -> Result {
        var writer = sm_writer(
            context: Unmanaged.passUnretained(self).toOpaque(),
            write: { context, bytes, count in
                guard let context else { return SM_INTERNAL }
                let sink = Unmanaged<ByteSink>.fromOpaque(context).takeUnretainedValue()
                guard sink.bytes.count + Int(clamping: count) <= sink.limit else { return sink.refusal }
                sink.bytes += UnsafeRawBufferPointer(start: bytes, count: Int(count))
                return SM_OK
            })
        return try body(&writer)
    }
}
