import CSequenceModel

/// One model of a plugin: its description and the tables of its extensions.
final class RawModel {
    let plugin: RawPlugin
    let index: UInt32
    let id: String
    let likelihood: UInt32
    let capabilities: UInt32
    let train: sm_train?
    let score: sm_score?
    let session: sm_session_table?
    let generate: sm_generate?

    init(_ plugin: RawPlugin, index: UInt32) throws {
        let description = try plugin.describe(index)
        self.plugin = plugin
        self.index = index
        id = RawModel.text(description.id) ?? ""
        likelihood = description.likelihood
        capabilities = description.capabilities
        let find = try plugin.slot("extension", plugin.table.extension)
        func table<Table>(_ name: String, _ type: Table.Type) -> Table? {
            let found = plugin.watch.call("extension") { find(index, name) }
            return found.map { RawPlugin.copy($0, size: $0.load(as: UInt32.self), as: type) }
        }
        train = table(SM_TRAIN_1, sm_train.self)
        score = table(SM_SCORE_1, sm_score.self)
        session = table(SM_SESSION_1, sm_session_table.self)
        generate = table(SM_GENERATE_1, sm_generate.self)
    }

    func claims(_ capability: UInt32) -> Bool { capabilities & capability != 0 }

    var isCausal: Bool { claims(SM_CAUSAL) }
    var fillsIn: Bool { claims(SM_TARGETS_IN_PLACE) }

    /// The full configuration that `json` stands for.
    func resolve(_ json: String) throws -> String {
        let resolve = try plugin.slot("resolve", plugin.table.resolve)
        return try written("resolve") { writer, error in
            json.withCString { resolve(index, $0, UInt64(json.utf8.count), writer, error) }
        }
    }

    /// A configuration within a budget.
    func propose(parameters: UInt64, alphabet: UInt32, context: UInt64) throws -> String {
        let propose = try plugin.slot("propose", plugin.table.propose)
        return try written("propose") { writer, error in
            var budget = sm_budget(
                struct_size: UInt32(MemoryLayout<sm_budget>.size), alphabet: alphabet, parameters: parameters, context: context)
            return propose(index, &budget, writer, error)
        }
    }

    private func written(
        _ name: String, _ call: (UnsafePointer<sm_writer>, UnsafeMutablePointer<sm_error>) -> Int32
    ) throws -> String {
        let sink = ByteSink()
        try plugin.check(name) { error in (sink.withWriter { call($0, error) }, ()) }
        guard let text = String(validating: sink.bytes, as: UTF8.self) else {
            throw CheckEnd.failed("\(name) wrote text that is not UTF-8")
        }
        return text
    }

    /// A copy of a C string of the plugin's; nil for null or what is not UTF-8. At most 64 KiB are looked at.
    static func text(_ pointer: UnsafePointer<CChar>?) -> String? { pointer.flatMap { String(validatingCString: $0) } }
}
