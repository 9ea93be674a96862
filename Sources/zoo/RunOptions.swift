import ArgumentParser

/// How the runs of a command that makes several are looked after.
struct RunOptions: ParsableArguments {
    @Option(help: "Minutes that one run may take, evaluation included. Default: no limit.")
    var timeout: Double?

    @Option(
        help: ArgumentHelp(
            "Runs at work at once, each with its share of the threads: the losses are the same, speeds and memory are measured beside other runs, and the results say so. Default: 1; of zoo run, as many as there are processors, with --threads as many as have room.",
            valueName: "n"))
    var jobs: Int?

    @Flag(help: "Run again what failed in an earlier call with the same --out. Default: only what is missing.")
    var retry = false

    func validate() throws {
        if let jobs, !(1 ... 1024).contains(jobs) { throw ValidationError("--jobs is \(jobs); allowed: 1 to 1024") }
        if let timeout, !(timeout > 0 && timeout.isFinite) {
            throw ValidationError("--timeout is \(timeout); expected a number over 0")
        }
    }
}
