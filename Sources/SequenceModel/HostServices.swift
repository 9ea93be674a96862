/// What a host does for a model. Every service is optional in effect: `NoHostServices` offers none.
public protocol HostServices: AnyObject {
    /// Threads that `parallelFor` may use at once; 1 means only the caller.
    var maximumConcurrency: Int { get }
    /// Runs `task(argument, i)` once for every i in 0 ..< count, in any order, and returns when all have run.
    /// Not to be called from inside a task.
    func parallelFor(
        _ count: Int, _ task: @convention(c) (UnsafeMutableRawPointer?, UInt64) -> Void,
        _ argument: UnsafeMutableRawPointer?)
    /// True when the model should stop with `.cancelled`. Asked at least every 100 ms.
    var shouldCancel: Bool { get }
    /// Tells a human.
    func log(_ severity: LogSeverity, _ text: String)
    /// How far a long call is, 0 to 1.
    func progress(_ fraction: Double)
}
