/// A plugin that did not survive being asked for a configuration: its runs are rows without figures.
public struct SizingFailure: Codable, Sendable, Equatable {
    /// `crashed` or `timeout`.
    public var status: RunStatus
    /// The cause in one line: `SIGSEGV (segmentation fault) in propose`.
    public var detail: String

    /// `detail` is one line: it stands in the rows and the report.
    public init(status: RunStatus, detail: String) {
        self.status = status
        self.detail = detail
    }
}
