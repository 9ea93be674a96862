import ArgumentParser
import Glibc
import Logging
import PluginHost
import SequenceModel

/// The `zoo` command. Results go to stdout, everything else to stderr. Exit status: 0 fine, 1 the answer is "no", 2
/// plugin or data at fault, 64 usage, 70 our bug, 75 try again, 130 interrupted.
@main
struct Zoo: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: HostIdentity.name,
        abstract: "A lab bench for sequence architectures: load them as plugins, train, compare, run.",
        discussion: """
            Results go to stdout, everything else to stderr.

            Exit status:
              0    fine
              1    the answer is "no": a training that diverged, a check that failed
              2    a plugin or data at fault: a file or folder that is missing, in the way or not what it should be, a model that no \
            plugin brings, a configuration or a size that a model cannot have
              64   the command line: unknown options and keys, values that are malformed or out of range whatever the files say, \
            options that contradict each other
              70   a bug in zoo
              75   trying again later may help: memory, a full disk, a folder that another process works in
              130  interrupted
            """,
        version: "\(HostIdentity.name) \(HostIdentity.version)",
        subcommands: [
            List.self,
            Check.self,
            Train.self,
            Doctor.self,
            Score.self,
            Generate.self,
            New.self,
            Bench.self,
            Compare.self,
            RunExperiment.self,
            Query.self,
            Scale.self,
            Tasks.self,
            ReportCommand.self,
            RunJob.self,
            ProbeRun.self,
            SizeModel.self,
            MeasureCost.self,
            ProbePlugins.self,
            TestProbe.self,
            RunConformanceTest.self,
        ])

    static func main() async {
        Supervisor.begin()
        // A reader that closes the pipe ends us without a word, even where our parent had SIGPIPE ignored.
        signal(SIGPIPE, SIG_DFL)
        // A file that may not grow is a write that fails, with a message, like a full disk.
        signal(SIGXFSZ, SIG_IGN)
        LoggingSystem.bootstrap { _ in StandardErrorLog() }
        do {
            let words = Array(CommandLine.arguments.dropFirst())
            if let problem = CommandWords.unknownCommand(words, in: configuration) {
                end(with: ZooError(.usage, problem, hint: "zoo --help says what each does"))
            }
            var command = try parseAsRoot(CommandWords.joiningNegativeNumbers(words))
            if command is any SupervisedCommand { Supervisor.run() }
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            leave(0)
        } catch {
            end(with: error)
        }
    }

    /// Tells the error on stderr and exits with its status.
    static func end(with error: any Error) -> Never {
        CallJournal.noteEnd()
        switch error {
        case let error as ZooError: end(with: error)
        case let error as SequenceModelError: end(with: ZooError(error, while: "model"))
        case is CancellationError: end(with: ZooError(.interrupted, "interrupted"))
        default: break
        }
        let status = exitCode(for: error)
        if status == .validationFailure {
            // argument-parser's own text: the message, the usage line and where to read more.
            let text = fullMessage(for: error)
            let body = text.hasPrefix("Error: ") ? String(text.dropFirst("Error: ".count)) : text
            Terminal.writeError("\(Terminal.errorLabel) \(CommandWords.clearer(body))\n")
            leave(ZooError.Code.usage.exitStatus)
        }
        // Help, version, shell completion and explicit exit codes.
        if status.isSuccess || error is ExitCode { exit(withError: error) }
        end(
            with: ZooError(
                .internalBug, "\(error)", hint: "this is a bug in zoo: please report the command and this line"))
    }

    private static func end(with error: ZooError) -> Never {
        Terminal.writeError("\(Terminal.errorLabel) \(error.message)\n")
        if let hint = error.hint { Terminal.writeError("hint: \(hint)\n") }
        leave(error.code.exitStatus)
    }

    /// Ends the process without what plugins left to be done at its end: destructors that crash or hang.
    private static func leave(_ status: Int32) -> Never {
        CallJournal.noteEnd()
        fflush(nil)
        _exit(status)
    }
}
