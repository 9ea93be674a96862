import ArgumentParser
import PluginHost

/// Options that every subcommand takes: `@OptionGroup var global: GlobalOptions`.
struct GlobalOptions: ParsableArguments {
    @Option(
        name: .customLong("plugins"),
        help: ArgumentHelp("Look for plugins here as well: a folder or one file. May be repeated.", valueName: "path"))
    var plugins: [String] = []

    @Flag(name: .customLong("json"), help: "Write the result to stdout as JSON.")
    var json = false

    @Option(
        name: .customLong("threads"),
        help: ArgumentHelp("Threads for computing. Default: all processors.", valueName: "n"))
    var threads: Int?

    @Flag(name: .customLong("quiet"), help: "No progress on stderr.")
    var quiet = false

    func validate() throws {
        if let threads, !(1 ... 1024).contains(threads) {
            throw ValidationError("--threads is \(threads); allowed: 1 to 1024")
        }
    }
}
