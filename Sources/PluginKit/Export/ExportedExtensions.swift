internal import CSequenceModel
internal import SequenceModel

/// The table of an extension; ids match whole.
func extensionTable(_ id: String, _ capabilities: Capabilities, model: UInt32) -> UnsafeRawPointer? {
    switch id {
    case SM_TRAIN_1: UnsafeRawPointer(ExtensionTables.train)
    case SM_SCORE_1: UnsafeRawPointer(ExtensionTables.score)
    case SM_SESSION_1: capabilities.contains(.session) ? UnsafeRawPointer(ExtensionTables.session) : nil
    case SM_GENERATE_1: capabilities.contains(.generates) ? UnsafeRawPointer(ExtensionTables.generate) : nil
    case SM_PROBES_1: ExportedPlugin.probeTable(model)
    default: nil
    }
}

/// The extension tables, made once, never freed. Nobody writes to them after that.
enum ExtensionTables {
    nonisolated(unsafe) static let train = permanent(trainTable())
    nonisolated(unsafe) static let score = permanent(scoreTable())
    nonisolated(unsafe) static let session = permanent(sessionTable())
    nonisolated(unsafe) static let generate = permanent(generateTable())

    private static func permanent<T>(_ table: T) -> UnsafeMutablePointer<T> {
        let memory = UnsafeMutablePointer<T>.allocate(capacity: 1)
        memory.initialize(to: table)
        return memory
    }
}
