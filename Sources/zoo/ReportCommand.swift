import ArgumentParser
import Experiments
import Foundation
import PluginHost
import Report
import SequenceModel

/// `zoo report`: writes the report of a comparison anew, exports what it plots, or says what changed from one comparison to another.
struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "Write the report of a comparison again, export what it plots, or say what changed.",
        discussion: """
            With --compare, two comparisons: the circumstances that differ first (budget, text, machine, plugins, configurations), then models added \
            and removed, then the change of every figure with its 95 % interval, paired where the seeds are the same. Qualities are not judged \
            across texts or budgets, nor speeds across machines. Ends with status 1 when something got significantly worse: a figure, at 5 % after \
            Holm's correction for all that was tested, or how many runs end well.

            Examples:
              zoo report runs/first
              zoo report runs/first --format csv --out runs.csv
              zoo report runs/first --format vega-lite --out charts.vl.json
              zoo report --compare runs/first runs/second
              zoo report --compare runs/first runs/second --out change.html
              zoo report runs/first --format tensorboard && tensorboard --logdir runs/first/tensorboard
            """)

    @OptionGroup var global: GlobalOptions

    @Argument(help: ArgumentHelp("The folder of a comparison (--out of zoo compare), or its results.json; two with --compare; for tensorboard also that of zoo run or zoo train.", valueName: "comparison"))
    var comparisons: [String] = []

    @Flag(help: "Say what changed from the first comparison to the second. Default: off.")
    var compare = false

    @Option(help: "The file to write. Default: report.html in the folder, for tensorboard the folder tensorboard in it; other formats, and --compare, go to stdout.")
    var out: String?

    @Option(
        help:
            "html; csv: a line for each run; curves: the learning curves as csv; tuning: the tuning runs as csv; table: as zoo compare prints it; vega-lite: the charts as one Vega-Lite 5 specification; tensorboard: the logs as event files. With --compare html or table. Default: html; with --compare table, or html where --out ends in .html."
    )
    var format: Format?

    func validate() throws {
        if out?.isEmpty == true { throw ValidationError("--out is empty; it names a file") }
        if comparisons.contains("") { throw ValidationError("the name of the comparison is empty") }
        if compare {
            guard comparisons.count == 2 else {
                throw ValidationError("--compare takes two comparisons, the old one and the new one; \(comparisons.count) given")
            }
            if let format, ![.html, .table].contains(format) {
                throw ValidationError("--format \(format.rawValue) does not go with --compare; allowed: html, table, or --json")
            }
        } else if comparisons.count != 1 {
            throw ValidationError(
                comparisons.isEmpty
                    ? "which comparison? Name the folder that zoo compare wrote, or its results.json"
                    : "\(comparisons.count) comparisons given; one is expected, or two with --compare")
        }
    }

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case html, csv, curves, tuning, table, tensorboard
        case vegaLite = "vega-lite"
    }

    func run() throws {
        if compare { return try showDifference() }
        let comparison = comparisons[0]
        if format == .tensorboard { return try writeEvents(comparison) }
        let results = try ReportCommand.read(comparison)
        let text: String
        switch format ?? .html {
        case .html:
            let isFile = comparison.hasSuffix(".json")
            let folder =
                isFile ? String(comparison.dropLast(".json".count)) + ".html" : ComparisonFolder(comparison).report
            let path = out ?? folder
            try ReportWriter.write(results, to: path) { Terminal.writeError("warning: \($0)\n") }
            print(global.json ? try JSONFile.text(["report": path]) : path + "\n", terminator: "")
            return
        case .csv: text = CSVExport.runs(results)
        case .curves: text = CSVExport.curves(results)
        case .tensorboard: return
        case .tuning: text = CSVExport.tuning(results)
        case .table: text = ComparisonTable.text(results, width: out == nil ? Terminal.outputWidth : nil)
        case .vegaLite: text = VegaLiteExport.text(results)
        }
        try write(text)
    }

    /// Ends with status 1 when something got worse.
    private func showDifference() throws {
        let (old, new) = (try ReportCommand.read(comparisons[0]), try ReportCommand.read(comparisons[1]))
        let difference = ResultsDifference(old: old, new: new)
        let usual: Format = out?.hasSuffix(".html") == true ? .html : .table
        if global.json {
            try write(JSONFile.text(difference))
        } else if (format ?? usual) == .html {
            try write(DifferencePage(difference, old: old, new: new).html)
        } else {
            try write(DifferenceText.text(difference, width: out == nil ? Terminal.outputWidth : nil))
        }
        if difference.isWorse { throw ExitCode(ZooError.Code.negative.exitStatus) }
    }

    private func write(_ text: String) throws {
        if let out {
            try RunFiles.write(text, to: out)
        } else {
            print(text, terminator: "")
        }
    }

    /// The logs are those of a folder: results that are a file alone have none.
    private func writeEvents(_ comparison: String) throws {
        let path = out ?? comparison + "/tensorboard"
        let count = try EventExport.write(runsOf: comparison, to: path)
        if global.json {
            print(json: ["event_files": .string(path), "runs": .integer(Int64(count))])
        } else {
            print(path)
        }
    }

    private static func read(_ comparison: String) throws -> ComparisonResults {
        let source = comparison.hasSuffix(".json") ? comparison : ComparisonFolder(comparison).results
        guard FileManager.default.fileExists(atPath: source) else {
            throw ZooError(
                .data, "there is no \(source)",
                hint: "zoo report takes the --out folder of a zoo compare that came to its end")
        }
        return try ComparisonResults.read(source)
    }
}
