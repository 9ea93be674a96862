import ArgumentParser
import Glibc
import PluginHost

/// `zoo test-probe PLUGIN MODEL PROBE`: runs a probe's self-test and ends with a status of its own. What the program starts
/// itself with before it calls a probe.
struct TestProbe: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test-probe", abstract: "Run the self-test of a probe.", shouldDisplay: false)

    @Argument var plugin: String
    @Argument var model: String
    @Argument var probe: String

    static let tester = ProbeTester(command: ["/proc/self/exe", "test-probe", "--"])

    func run() throws {
        guard let reason = ProbeSelfTest.failure(plugin: plugin, model: model, probe: probe) else {
            Glibc._exit(ProbeTester.passed)
        }
        print(reason)
        fflush(nil)
        Glibc._exit(ProbeTester.failed)
    }
}
