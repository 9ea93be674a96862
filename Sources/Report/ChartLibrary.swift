import Foundation
public import PluginHost

/// Chart.js as Debian packages it; it is put into the report, so that the file needs nothing else.
public enum ChartLibrary {
    /// Where the package `libjs-chart.js` puts it; `ZOO_CHART_JS` names another file.
    public static let standardPaths = [
        "/usr/share/javascript/chart.js/chart.min.js", "/usr/share/javascript/chart.js/Chart.min.js",
        "/usr/share/nodejs/chart.js/dist/chart.min.js",
    ]

    /// The text of the library. Throws `ZooError` (`.data`) when no file is there, cannot be read or is something else.
    public static func load(
        from paths: [String] = standardPaths, environment: [String: String]? = nil
    ) throws(ZooError) -> String {
        let environment = environment ?? ProcessInfo.processInfo.environment
        let named = environment["ZOO_CHART_JS"].flatMap { $0.isEmpty ? nil : $0 }
        let candidates = named.map { [$0] } ?? paths
        guard let path = candidates.first(where: { FileManager.default.fileExists(atPath: $0) }) else {
            throw ZooError(
                .data,
                "Chart.js was not found at \(candidates.joined(separator: ", ")): the report has tables, no charts",
                hint: "apt install libjs-chart.js")
        }
        guard let text = try? String(contentsOfFile: path, encoding: .utf8), text.contains("Chart.js v") else {
            throw ZooError(
                .data, "\(path) is not Chart.js: the report has tables, no charts",
                hint: "apt install --reinstall libjs-chart.js")
        }
        return text
    }

    /// The text of the library, or nil, and `warn` is told why: then a report has tables only.
    static func load(from paths: [String], orWarn warn: (String) -> Void) -> String? {
        do {
            return try load(from: paths)
        } catch {
            warn(error.hint.map { "\(error.message); \($0)" } ?? error.message)
            return nil
        }
    }
}
