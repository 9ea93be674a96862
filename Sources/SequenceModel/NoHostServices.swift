/// A host that offers nothing: single-threaded, silent, never cancelling.
public final class NoHostServices: HostServices {
    public init() {}
    public var maximumConcurrency: Int { 1 }
    public func parallelFor(
        _ count: Int, _ task: @convention(c) (UnsafeMutableRawPointer?, UInt64) -> Void,
        _ argument: UnsafeMutableRawPointer?
    ) {
        for index in 0 ..< UInt64(max(count, 0)) { task(argument, index) }
    }
    public var shouldCancel: Bool { false }
    public func log(_ severity: LogSeverity, _ text: String) {}
    public func progress(_ fraction: Double) {}
}
