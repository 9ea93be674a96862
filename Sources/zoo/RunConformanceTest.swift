import ArgumentParser
import Conformance

/// `zoo run-conformance-test`: the child process of `zoo check`. Without a test it says which models the file holds.
struct RunConformanceTest: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run-conformance-test", abstract: "Try one test on a plugin, for zoo check.", shouldDisplay: false)

    @Option var path: String
    @Option var seconds = 45
    @Option var test: String?
    @Option var model = ""
    @Option var seed: UInt64 = 0

    static let command = ["/proc/self/exe", "run-conformance-test"]

    func run() throws {
        guard let test else { ChildJob.list(path: path, seconds: seconds) }
        ChildJob.run(test: test, path: path, model: model, seed: seed, seconds: seconds)
    }
}
