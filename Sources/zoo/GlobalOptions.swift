import ArgumentParser
import Glibc
import PluginHost

/// Options that every subcommand takes: `@OptionGroup var global: GlobalOptions`.
struct GlobalOptions: ParsableArguments {
    @Option(
        name: .customLong("plugins"),
        help: ArgumentHelp(
            "Look for plugins here first: a folder, or a file, which must then be usable. May be repeated. Default: only the standard places that zoo list --help names.",
            valueName: "path"))
    var plugins: [String] = []

    @Flag(name: .customLong("json"), help: "Write the result to stdout as JSON. Default: as text.")
    var json = false

    @Option(
        name: .customLong("threads"),
        help: ArgumentHelp("Threads for computing, 1 to 1024. Default: as many as there are processors.", valueName: "n"))
    var threads: Int?

    @Flag(name: .customLong("quiet"), help: "No progress on stderr; warnings and errors stay. Default: progress is shown.")
    var quiet = false

    func validate() throws {
        if let threads, !(1 ... 1024).contains(threads) {
            throw ValidationError("--threads is \(threads); allowed: 1 to 1024")
        }
        if plugins.contains("") { throw ValidationError("--plugins is empty; it names a folder or a file") }
    }

    /// Where plugins are looked for, the places named on the command line first. Throws `.plugin` for one that is not
    /// there: what somebody typed is not passed over.
    func searchPath() throws -> [String] {
        for path in plugins where access(path, F_OK) != 0 {
            throw ZooError(.plugin, "--plugins \(path): \(String(cString: strerror(errno)).lowercased())")
        }
        return PluginCatalogue.defaultSearchPath(adding: plugins)
    }

    /// The models that can be used. Files that are new to this user are tried in a child process first. Throws `.plugin` for a file
    /// that `--plugins` names and that cannot be used; in a folder such files stand in `failures`.
    func catalogue() throws -> PluginCatalogue {
        let catalogue = PluginCatalogue(searchPath: try searchPath(), probe: ProbePlugins.probe)
        for path in plugins where !GlobalOptions.isFolder(path) {
            guard let failure = catalogue.failures.first(where: { $0.path == path }) else { continue }
            throw ZooError(
                failure.error.code, "--plugins \(failure.error.message)",
                hint: failure.error.hint ?? "leave it out, or name a folder to use what can be used of it", cause: failure.error)
        }
        return catalogue
    }

    private static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// As many threads as were asked for, for plugins to borrow. From here on the first SIGINT or SIGTERM makes long
    /// calls stop in order.
    func services() -> ThreadPool {
        Interruption.install()
        return ThreadPool(threads: threadCount)
    }

    var threadCount: Int { threads ?? ThreadPool.processorCount }

    /// Threads of each of so many processes: those asked for, else an equal share of the processors.
    func threadCount(besides processes: Int) -> Int { threads ?? max(ThreadPool.processorCount / max(processes, 1), 1) }
}
