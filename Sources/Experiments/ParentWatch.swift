import Foundation
import Glibc
import PluginHost

/// Ends a run whose comparison is gone, so that nothing goes on computing that nobody waits for.
public enum ParentWatch {
    /// Watches in a thread of its own; does nothing when the process was not started by a comparison. When the parent is gone it
    /// asks for an orderly end, and takes one by force 20 seconds later.
    public static func start() {
        let value = ProcessInfo.processInfo.environment[ProcessJobRunner.parentVariable]
        guard let parent = value.flatMap({ pid_t($0) }) else { return }
        Thread.detachNewThread {
            while getppid() == parent { usleep(500_000) }
            Interruption.request()
            sleep(20)
            _exit(ZooError.Code.interrupted.exitStatus)
        }
    }
}
