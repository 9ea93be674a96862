import CSequenceModel
import SequenceModel

/// Host services as the table of C functions that a plugin calls. Lives at least as long as the instance that was
/// given `pointer`.
final class HostTable {
    let pointer: UnsafeMutablePointer<sm_host>
    private let services: any HostServices
    /// Longest log line that is read.
    private static let maximumLogBytes: UInt64 = 1 << 16

    init(_ services: any HostServices) {
        self.services = services
        pointer = .allocate(capacity: 1)
        pointer.initialize(to: sm_host())
        pointer.pointee.struct_size = UInt32(MemoryLayout<sm_host>.size)
        pointer.pointee.max_concurrency = UInt32(clamping: max(services.maximumConcurrency, 1))
        // Unretained: this object frees the table, so it outlives every call through it.
        pointer.pointee.context = Unmanaged.passUnretained(self).toOpaque()
        pointer.pointee.parallel_for = { context, count, task, argument in
            if let services = HostTable.services(context) {
                services.parallelFor(Int(clamping: count), task, argument)
            } else {
                for index in 0 ..< count { task(argument, index) }
            }
        }
        pointer.pointee.should_cancel = { context in HostTable.services(context)?.shouldCancel == true ? 1 : 0 }
        pointer.pointee.log = { context, severity, text, length in
            guard let services = HostTable.services(context) else { return }
            let count = Int(min(length, HostTable.maximumLogBytes))
            text.withMemoryRebound(to: UInt8.self, capacity: count) {
                let line = ForeignString.readable(UnsafeBufferPointer(start: $0, count: count))
                services.log(LogSeverity(rawValue: severity) ?? .information, line)
            }
        }
        pointer.pointee.progress = { context, fraction in
            guard fraction.isFinite else { return }
            HostTable.services(context)?.progress(min(max(fraction, 0), 1))
        }
    }

    deinit { pointer.deallocate() }

    private static func services(_ context: UnsafeMutableRawPointer?) -> (any HostServices)? {
        context.map { Unmanaged<HostTable>.fromOpaque($0).takeUnretainedValue().services }
    }
}
