import Experiments
import Foundation
@testable import Report
import Testing

/// The page in a real browser. Where Chromium, Chart.js or Python is missing, nothing is tested, and a line says so.
struct BrowserTests {
    private struct Seen: Decodable {
        var canvases: [String: Int]
        var order, ascending, descending, across, problems: [String]
        var aria_sort: String
        var up: String?
        var hidden: Int?
        var pictures, overflow: Int
    }

    private static let driver = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().path + "/Browser/page.py"

    private static var missing: String? {
        for path in ["/usr/bin/chromium", "/usr/bin/python3"] where !FileManager.default.isExecutableFile(atPath: path) { return path }
        return (try? ChartLibrary.load()) == nil ? "Chart.js" : nil
    }

    private func look(_ html: String) throws -> Seen {
        let folder = NSTemporaryDirectory() + "zoo-browser-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try html.write(toFile: folder + "/report.html", atomically: true, encoding: .utf8)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
        process.arguments = [BrowserTests.driver, folder + "/report.html"]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        return try JSONDecoder().decode(Seen.self, from: data)
    }

    /// Fifteen models, two seeds, two runs that failed: no error on the console, nothing fetched, charts drawn, keys work.
    @Test func worksInChromium() throws {
        if let missing = BrowserTests.missing {
            print("the report was not tried in a browser: \(missing) is not here")
            return
        }
        var results = fakeResults(models: 15, seeds: 2)
        // One model of which no run ended well: last, however the table is sorted.
        for index in results.rows.indices where results.rows[index].model == "rwkv7" {
            results.rows[index].status = .crashed
            results.rows[index].detail = "SIGSEGV"
            results.rows[index].bitsPerByte = nil
        }
        let seen = try look(ReportPage(results, chartLibrary: ChartLibrary.load()).html())
        #expect(seen.problems == [])
        #expect(seen.overflow <= 0)
        #expect(Set(seen.canvases.keys) == ["chart-learning", "chart-decode", "chart-state"])
        for (name, painted) in seen.canvases { #expect(painted > 5000, "\(name): \(painted) pixels are painted") }
        // Sorted with Enter, turned round with the space bar; exact likelihoods stay apart from bounds.
        let exact = ModelSummary.summarise(results.rows).filter { $0.likelihood == .exact }
        let known = exact.filter { $0.bitsPerByte != nil }.map(\.model)
        #expect(Array(seen.ascending.prefix(known.count)) == known && seen.ascending[known.count] == "rwkv7")
        #expect(Array(seen.descending.prefix(known.count)) == known.reversed() && seen.descending[known.count] == "rwkv7")
        #expect(Array(seen.descending[exact.count...].sorted()) == Array(seen.order[exact.count...].sorted()))
        #expect(seen.aria_sort == "ascending")
        // Three units and the logarithm: four pictures; one model brought out, then hidden: two more.
        #expect(seen.across == ["tokens", "operations", "seconds"] && seen.up == "logarithmic")
        #expect(seen.hidden == 1 && seen.pictures == 6, "\(seen)")
    }

    /// Without Chart.js there are tables, which sort.
    @Test func tablesWorkWithoutCharts() throws {
        if BrowserTests.missing != nil { return }
        let seen = try look(ReportPage(fakeResults(models: 3), chartLibrary: nil).html())
        #expect(seen.problems == [] && seen.canvases.isEmpty && seen.aria_sort == "ascending")
        #expect(seen.ascending != seen.descending)
    }
}
