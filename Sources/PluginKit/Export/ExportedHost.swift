internal import CSequenceModel
internal import SequenceModel

/// The services of the program that loaded the plugin; what it does not offer is done without.
final class ExportedHost: HostServices {
    private let host: sm_host

    /// Copies the table, calls nothing.
    init(_ pointer: UnsafePointer<sm_host>?) throws {
        host = try pointer.map { try readSized($0, "host", zero: sm_host()) } ?? sm_host()
    }

    var maximumConcurrency: Int { host.parallel_for == nil ? 1 : max(1, Int(host.max_concurrency)) }

    func parallelFor(
        _ count: Int, _ task: @convention(c) (UnsafeMutableRawPointer?, UInt64) -> Void, _ argument: UnsafeMutableRawPointer?
    ) {
        if let parallelFor = host.parallel_for, count > 1 {
            parallelFor(host.context, UInt64(count), task, argument)
        } else {
            for index in 0 ..< UInt64(max(count, 0)) { task(argument, index) }
        }
    }

    var shouldCancel: Bool { host.should_cancel.map { $0(host.context) != 0 } ?? false }

    func log(_ severity: LogSeverity, _ text: String) {
        guard let log = host.log else { return }
        text.withCString { log(host.context, severity.rawValue, $0, UInt64(text.utf8.count)) }
    }

    func progress(_ fraction: Double) { host.progress?(host.context, fraction) }
}
