import ArgumentParser
import Experiments

/// `zoo run-job`: one run of a comparison, in the process that `zoo compare` started for it.
struct RunJob: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run-job", abstract: "Carry out one run of a comparison.",
        discussion:
            "Started by zoo compare. By hand it repeats a run, for example in a debugger: zoo run-job DIR/runs/ID/job.json",
        shouldDisplay: false)

    @Argument(help: "The job.json of the run; its result is written beside it.")
    var job: String

    func run() throws { try JobExecution(jobFile: job, probeTester: TestProbe.tester).run() }
}
