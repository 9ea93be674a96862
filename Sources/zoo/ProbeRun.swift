import ArgumentParser
import Experiments

/// `zoo probe-run`: some training steps of a run, in the process that `zoo run --dry-run` started for it.
struct ProbeRun: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "probe-run", abstract: "Measure what a run would cost.", shouldDisplay: false)

    @Argument(help: "The job.json of the run; the answer is written beside it.")
    var job: String

    func run() throws { try ProbeExecution(jobFile: job).run() }
}
