/// How a run ended. Every planned run ends as a row with one of these.
public enum RunStatus: String, Codable, Sendable, CaseIterable {
    case ok
    /// A loss or gradient was not finite; training stopped before the update.
    case diverged
    /// The process ended by a signal or with a failure of the plugin.
    case crashed
    /// The process was stopped because its time was over.
    case timeout
}
