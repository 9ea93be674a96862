import TestSupport
import Testing

/// The help texts: every option says what it is and what is taken when it is not given.
struct HelpTests {
    static let commands = [
        ["list"], ["train"], ["doctor"], ["score"], ["generate"], ["bench", "kernels"], ["bench", "train"], ["bench", "decode"],
        ["bench", "cost"], ["bench", "abi"], ["compare"], ["run"], ["query"], ["scale"], ["tasks"], ["report"],
    ]

    /// The entries of a help text, each in one line: `--steps <steps> Steps of training. Default: 1000.`
    private func entries(_ help: String) -> [String] {
        var entries: [String] = []
        var isInside = false
        for line in help.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("OPTIONS:") || line.hasPrefix("ARGUMENTS:") {
                isInside = true
            } else if line.isEmpty {
                isInside = false
            } else if isInside, line.hasPrefix("  "), line.dropFirst(2).first != " " {
                entries.append(line.trimmingPrefix { $0 == " " }.description)
            } else if isInside, let last = entries.popLast() {
                entries.append(last + " " + line.trimmingPrefix { $0 == " " })
            }
        }
        return entries
    }

    @Test(arguments: commands) func everyOptionSaysItsDefault(_ command: [String]) throws {
        let result = try ZooProcess(command + ["--help"], environment: ["COLUMNS": "100"]).wait()
        #expect(result.status == 0)
        let entries = entries(result.output).filter { !$0.hasPrefix("--version") && !$0.hasPrefix("-h, --help") }
        #expect(entries.count >= 4, "\(result.output)")
        for entry in entries {
            // "(values: all, …; default: all)" is the parser's own.
            let isNamed = entry.contains(/[Dd]efault/) || entry.contains("Either this or") || entry.hasPrefix("<")
            #expect(isNamed, "\(command.joined(separator: " ")): \(entry)")
            #expect(entry.count > 25, "\(entry)")
        }
    }

    @Test(arguments: [["score"], ["generate"], ["bench"], ["train"], ["compare"], ["run"], ["query"], ["scale"], ["tasks"], ["report"]] + commands.filter { $0[0] == "bench" })
    func examplesAreShown(_ command: [String]) throws {
        let result = try ZooProcess(command + ["--help"]).wait()
        #expect(result.output.contains(#/Examples?:\n  zoo /#), "\(result.output)")
        #expect(result.output.contains("  zoo \(command.joined(separator: " ")) ") || command == ["bench"])
    }

    @Test func exitStatusesAreDocumented() throws {
        let help = try ZooProcess.run("--help").output
        for status in ["0    fine", "1    the answer", "2    a plugin", "64   the command", "70   ", "75   ", "130  "] {
            #expect(help.contains("\n  \(status)"), "\(help)")
        }
    }

    /// Whoever has no checkpoint is told how to get one.
    @Test func aMissingCheckpointNamesTheNextCommand() throws {
        let missing = try TemporaryFolder.make() + "/none"
        for arguments in [["score", missing, "--data", missing], ["generate", missing]] {
            let result = try ZooProcess(arguments).wait()
            #expect(result.status == 2)
            #expect(
                result.errors
                    == "error: checkpoint \(missing) does not exist\nhint: zoo train MODEL --out \(missing) makes one; zoo list says which models there are\n"
            )
        }
    }
}
