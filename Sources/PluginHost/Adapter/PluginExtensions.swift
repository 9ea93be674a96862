import CSequenceModel
import SequenceModel

/// Copies of the extension tables that one model offers; nil for those that it does not.
struct PluginExtensions {
    let train: sm_train?
    let score: sm_score?
    let session: sm_session_table?
    let generate: sm_generate?
    let probes: sm_probes?
    let modelProbes: [ModelProbe]

    init(_ functions: sm_plugin, model: UInt32) throws {
        func fetch<Table>(_ id: String, as type: Table.Type) throws -> Table? {
            try ForeignTable.copyExtension(
                functions.extension?(model, id).map { UnsafeRawPointer($0) }, as: type, what: id)
        }
        train = try fetch(SM_TRAIN_1, as: sm_train.self)
        score = try fetch(SM_SCORE_1, as: sm_score.self)
        session = try fetch(SM_SESSION_1, as: sm_session_table.self)
        generate = try fetch(SM_GENERATE_1, as: sm_generate.self)
        probes = try fetch(SM_PROBES_1, as: sm_probes.self)
        modelProbes = try ModelProbe.readAll(probes)
    }

    /// Refuses a description that promises what no extension offers.
    func check(against description: ModelDescription) throws {
        let promises: [(Bool, Bool, String, String)] = [
            (description.capabilities.contains(.session), session?.open != nil, "sessions", SM_SESSION_1),
            (description.capabilities.contains(.generates), generate?.generate != nil, "generation", SM_GENERATE_1),
            (
                description.capabilities.contains(.predicts), score?.predict != nil, "prediction",
                "predict of \(SM_SCORE_1)"
            ),
            (description.likelihood != .none, score?.score != nil, "a likelihood", "score of \(SM_SCORE_1)"),
        ]
        for (promised, offered, what, slot) in promises where promised && !offered {
            throw ForeignFault("model \(description.id) promises \(what) but has no \(slot)")
        }
    }
}
