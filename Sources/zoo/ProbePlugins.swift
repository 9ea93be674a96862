import ArgumentParser
import Glibc
import PluginHost

/// `zoo probe-plugins FILE…`: loads each file and ends with a status of its own, for the sake of what may happen on
/// the way. What the program starts itself with before it loads a plugin that it does not know.
struct ProbePlugins: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "probe-plugins", abstract: "Load plugins, for the sake of what may happen.", shouldDisplay: false)

    @Argument var files: [String]

    static let probe = PluginProbe(
        command: ["/proc/self/exe", "probe-plugins", "--"], cache: PluginProbe.standardCachePath(), trustsLiving: !Supervisor.isAnotherAttempt)

    func run() throws {
        // Refusals are not told: whoever asked finds them out again without danger.
        for file in files {
            _ = try? Plugin.load(file)
            PluginProbe.report()
        }
        Glibc._exit(PluginProbe.survived)
    }
}
