public import Experiments
import PluginHost

/// Writes the report of a comparison beside its results.
public enum ReportWriter {
    /// Writes `path`; when Chart.js is missing the report has tables only, and `warn` is told.
    public static func write(
        _ results: ComparisonResults, to path: String, chartPaths: [String] = ChartLibrary.standardPaths,
        warn: (String) -> Void
    ) throws {
        let library = ChartLibrary.load(from: chartPaths, orWarn: warn)
        try RunFiles.write(ReportPage(results, chartLibrary: library).html(), to: path)
    }
}
