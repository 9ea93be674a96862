import ArgumentParser
import Glibc
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

    /// Where plugins are looked for, the places named on the command line first. Throws `.plugin` for one that is not
    /// there: what somebody typed is not passed over.
    func searchPath() throws -> [String] {
        for path in plugins where access(path, F_OK) != 0 {
            throw ZooError(.plugin, "--plugins \(path): \(String(cString: strerror(errno)).lowercased())")
        }
        return PluginCatalogue.defaultSearchPath(adding: plugins)
    }

    /// The models that can be used. Files that are new to this user are tried in a child process first.
    func catalogue() throws -> PluginCatalogue {
        PluginCatalogue(searchPath: try searchPath(), probe: ProbePlugins.probe)
    }

    /// As many threads as were asked for, for plugins to borrow. From here on the first SIGINT or SIGTERM makes long
    /// calls stop in order.
    func services() -> ThreadPool {
        Interruption.install()
        return ThreadPool(threads: threadCount)
    }

    var threadCount: Int { threads ?? ThreadPool.processorCount }
}
