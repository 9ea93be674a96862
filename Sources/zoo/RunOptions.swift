import ArgumentParser

/// How the runs of a command that makes several are looked after.
struct RunOptions: ParsableArguments {
    @Option(help: "Minutes that one run may take, evaluation included. Default: no limit.")
    var timeout: Double?

    @Flag(help: "Run again what failed in an earlier call with the same --out. Default: only what is missing.")
    var retry = false

    func validate() throws {
        if let timeout, !(timeout > 0 && timeout.isFinite) {
            throw ValidationError("--timeout is \(timeout); expected a number over 0")
        }
    }
}
