import ArgumentParser
import Experiments
import Foundation
import PluginHost
import Report

/// `zoo report`: writes the report of a comparison anew, or what it plots.
struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "Write the report of a comparison again, or export what it plots.",
        discussion: """
            Examples:
              zoo report runs/first
              zoo report runs/first --format csv --out runs.csv
            """)

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The folder of a comparison (--out of zoo compare), or its results.json.")
    var comparison: String

    @Option(help: "The file to write. Default: report.html in the folder; the other formats go to stdout.")
    var out: String?

    @Option(
        help: "html; csv: a line for each run; curves: the learning curves as csv; table: as zoo compare prints it. Default: html.")
    var format = Format.html

    func validate() throws {
        if out?.isEmpty == true { throw ValidationError("--out is empty; it names a file") }
        if comparison.isEmpty { throw ValidationError("the name of the comparison is empty") }
    }

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case html, csv, curves, table
    }

    func run() throws {
        let isFile = comparison.hasSuffix(".json")
        let source = isFile ? comparison : ComparisonFolder(comparison).results
        guard FileManager.default.fileExists(atPath: source) else {
            throw ZooError(
                .data, "there is no \(source)",
                hint: "zoo report takes the --out folder of a zoo compare that came to its end")
        }
        let results = try ComparisonResults.read(source)
        let text: String
        switch format {
        case .html:
            let folder =
                isFile ? String(comparison.dropLast(".json".count)) + ".html" : ComparisonFolder(comparison).report
            let path = out ?? folder
            try ReportWriter.write(results, to: path) { Terminal.writeError("warning: \($0)\n") }
            print(global.json ? try JSONFile.text(["report": path]) : path + "\n", terminator: "")
            return
        case .csv: text = CSVExport.runs(results)
        case .curves: text = CSVExport.curves(results)
        case .table: text = ComparisonTable.text(results, width: out == nil ? Terminal.outputWidth : nil)
        }
        if let out {
            try RunFiles.write(text, to: out)
        } else {
            print(text, terminator: "")
        }
    }
}
