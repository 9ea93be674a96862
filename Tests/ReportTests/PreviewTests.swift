import Foundation
import Report
import Testing

/// Writes pages to look at, when ZOO_REPORT_PREVIEW names a folder.
@Test(.enabled(if: ProcessInfo.processInfo.environment["ZOO_REPORT_PREVIEW"] != nil))
func preview() throws {
    let folder = ProcessInfo.processInfo.environment["ZOO_REPORT_PREVIEW"] ?? "."
    try ReportWriter.write(fakeResults(models: 3, builtIn: false), to: folder + "/3.html") { print($0) }
    try ReportWriter.write(fakeResults(models: 15), to: folder + "/15.html") { print($0) }
    try ReportWriter.write(fakeResults(models: 4, seeds: 3), to: folder + "/seeds.html") { print($0) }
    try ReportWriter.write(fakeResults(models: 3), to: folder + "/tables.html", chartPaths: []) { print($0) }
    if let study = ScalingPageTests.results {
        try ScalingPage.write(study, to: folder + "/scaling.html") { print($0) }
        print(ScalingTable.text(study))
    }
    print(ComparisonTable.text(fakeResults(models: 15)), ComparisonTable.text(fakeResults(models: 4, seeds: 3)))
}
