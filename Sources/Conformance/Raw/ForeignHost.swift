import CSequenceModel
import Glibc
import PluginHost
import SequenceModel
import Synchronization

/// Services of a host, offered to a plugin and watched: which were called, and whether outside a call.
final class ForeignHost {
    let table: UnsafeMutablePointer<sm_host>
    private let services: (any HostServices)?
    private let watch: CallWatch
    /// Tells the plugin to stop, from the moment on that this time is reached.
    let cancelAfter = Mutex<ContinuousClock.Instant?>(nil)
    let pollCount = Atomic<Int>(0)
    let outsideCalls = Atomic<Int>(0)

    /// - Parameter services: threads to lend; nil runs everything on the caller's.
    init(_ watch: CallWatch, services: (any HostServices)? = nil) {
        self.watch = watch
        self.services = services
        table = .allocate(capacity: 1)
        table.initialize(to: sm_host())
        table.pointee.struct_size = UInt32(MemoryLayout<sm_host>.size)
        table.pointee.max_concurrency = UInt32(max(services?.maximumConcurrency ?? 1, 1))
        table.pointee.context = Unmanaged.passUnretained(self).toOpaque()
        table.pointee.parallel_for = { context, count, task, argument in
            guard let host = ForeignHost.enter(context) else { return }
            if let services = host.services {
                services.parallelFor(Int(clamping: count), task, argument)
            } else {
                for index in 0 ..< count { task(argument, index) }
            }
        }
        table.pointee.should_cancel = { context in
            guard let host = ForeignHost.enter(context) else { return 0 }
            host.pollCount.wrappingAdd(1, ordering: .relaxed)
            let limit = host.cancelAfter.withLock { $0 }
            return limit.map { ContinuousClock.now >= $0 } ?? false ? 1 : 0
        }
        table.pointee.log = { context, _, _, _ in _ = ForeignHost.enter(context) }
        table.pointee.progress = { context, _ in _ = ForeignHost.enter(context) }
    }

    deinit { table.deallocate() }

    private static func enter(_ context: UnsafeMutableRawPointer?) -> ForeignHost? {
        guard let context else { return nil }
        let host = Unmanaged<ForeignHost>.fromOpaque(context).takeUnretainedValue()
        if host.watch.depth == 0 { host.outsideCalls.wrappingAdd(1, ordering: .relaxed) }
        return host
    }
}
