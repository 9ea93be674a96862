import PluginHost
import Testing

/// The message of the `ZooError` that `body` throws, with its code.
func zooError(_ body: () throws -> Void) -> ZooError? {
    do {
        try body()
        Issue.record("nothing was thrown")
    } catch let error as ZooError {
        return error
    } catch {
        Issue.record("not a ZooError: \(error)")
    }
    return nil
}
