import Foundation
import PluginHost

/// The folder of a scaling study: a comparison in each folder below it, `scaling.json` and `report.html`.
public struct ScalingFolder: Sendable {
    /// As it was given.
    public let path: String

    /// The folder at `path`, which may be missing.
    public init(_ path: String) { self.path = path }

    /// Points, laws and tests.
    public var results: String { path + "/scaling.json" }
    /// The page for people.
    public var report: String { path + "/report.html" }

    /// The comparison of one configuration.
    public func comparison(_ cell: ScalingGrid.Cell) -> ComparisonFolder { ComparisonFolder("\(path)/\(cell.name)") }

    /// Throws `.data`, with nothing written, unless the folder is missing, empty, or holds a study.
    public func check() throws {
        let own: Set<String> = ["scaling.json", "report.html", "scaling.json.tmp", "report.html.tmp"]
        for name in try names() where !own.contains(name) {
            let inside = (try? FileManager.default.contentsOfDirectory(atPath: "\(path)/\(name)"))
            let isComparison = inside.map { $0.isEmpty || $0.contains("plan.json") || $0 == [".lock"] } ?? false
            guard isComparison else {
                throw ZooError(
                    .data, "\(path) is not empty and holds no scaling study: there is \(name)",
                    hint: "choose another --out, such as \(path)/scale")
            }
        }
    }

    /// The comparisons that came to their end, by name.
    ///
    /// - Throws: `ZooError` (`.data`): there is none, or one cannot be read.
    public func comparisons() throws -> [(results: ComparisonResults, folder: ComparisonFolder)] {
        guard FileManager.default.fileExists(atPath: path) else {
            throw ZooError(.data, "there is no \(path)", hint: "zoo scale MODEL --out \(path) makes a study")
        }
        let folders = try names().map { ComparisonFolder("\(path)/\($0)") }
            .filter { FileManager.default.fileExists(atPath: $0.results) }
        guard !folders.isEmpty else {
            let isOne = FileManager.default.fileExists(atPath: ComparisonFolder(path).results)
            throw ZooError(
                .data, isOne ? "\(path) is one comparison; a study has a folder for each size and token count"
                    : "\(path) holds no comparison that came to its end",
                hint: "name the --out folder of a zoo scale")
        }
        return try folders.map { (try ComparisonResults.read($0.results), $0) }
    }

    private func names() throws -> [String] {
        guard FileManager.default.fileExists(atPath: path) else { return [] }
        do {
            return try FileManager.default.contentsOfDirectory(atPath: path).sorted()
        } catch {
            throw ZooError(.data, "\(path) cannot be read as a folder", hint: "choose another --out")
        }
    }
}
