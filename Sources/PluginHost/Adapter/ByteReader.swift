import CSequenceModel
import Glibc

/// Lets a plugin read bytes of ours through an `sm_reader`.
enum ByteReader {
    /// Runs `body` with a reader of `bytes`.
    static func serve(_ bytes: [UInt8], _ body: (UnsafePointer<sm_reader>) throws -> Void) rethrows {
        try bytes.withUnsafeBytes { source in
            var state = State(source: source)
            try withUnsafeMutablePointer(to: &state) { state in
                var reader = sm_reader(
                    context: UnsafeMutableRawPointer(state),
                    read: { context, target, count in
                        guard let context else { return -1 }
                        let state = context.assumingMemoryBound(to: State.self)
                        let rest = state.pointee.source.dropFirst(state.pointee.position)
                        let length = min(rest.count, Int(clamping: count))
                        if length > 0, let base = UnsafeRawBufferPointer(rebasing: rest).baseAddress {
                            memcpy(target, base, length)
                        }
                        state.pointee.position += length
                        return Int64(length)
                    })
                try withUnsafePointer(to: &reader, body)
            }
        }
    }

    private struct State {
        let source: UnsafeRawBufferPointer
        var position = 0
    }
}
