import CSequenceModel

/// Collects what a plugin writes through an `sm_writer`.
enum ByteWriter {
    /// Runs `body` with a writer and returns the bytes that were written. Writing past `limit` fails with
    /// SM_RESOURCE_EXHAUSTED.
    static func collect(limit: Int, _ body: (UnsafePointer<sm_writer>) throws -> Void) rethrows -> [UInt8] {
        var state = State(limit: limit)
        try withUnsafeMutablePointer(to: &state) { state in
            var writer = sm_writer(
                context: UnsafeMutableRawPointer(state),
                write: { context, bytes, count in
                    guard let context else { return SM_INVALID_ARGUMENT }
                    let state = context.assumingMemoryBound(to: State.self)
                    guard let length = Int(exactly: count), length <= state.pointee.limit - state.pointee.bytes.count
                    else { return SM_RESOURCE_EXHAUSTED }
                    state.pointee.bytes.append(contentsOf: UnsafeRawBufferPointer(start: bytes, count: length))
                    return SM_OK
                })
            try withUnsafePointer(to: &writer, body)
        }
        return state.bytes
    }

    private struct State {
        let limit: Int
        var bytes: [UInt8] = []
    }
}
