/// A host that offers nothing: single-threaded, silent, never cancelling.
public final class NoHostServices: HostServices {
    /// There is nothing to set up.
    public init() {}
    /// Only the caller.
    public var maximumConcurrency: Int { 1 }
    /// One after the other, on the calling thread.
    public func parallelFor(
        _ count: Int, _ task: @convention(c) (UnsafeMutableRawPointer?, UInt64) -> Void,
        _ argument: UnsafeMutableRawPointer?
    ) {
        for index in 0 ..< UInt64(max(count, 0)) { task(argument, index) }
    }
    /// Never.
    public var shouldCancel: Bool { false }
    /// Says nothing.
    public func log(_ severity: LogSeverity, _ text: String) {}
    /// Says nothing.
    public func progress(_ fraction: Double) {}
}
