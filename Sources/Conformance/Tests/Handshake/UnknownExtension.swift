import CSequenceModel

extension ConformanceTest {
    static let unknownExtension = ConformanceTest(
        "unknown-extension", "An extension that does not exist is null, and so is a known id with text behind it.", group: .handshake,
        strictness: 1,
        motivation: """
            clap-validator's `query-nonexistent-factory` and `create-id-with-trailing-garbage`: plugins that compared a prefix of the id
            """
    ) { context in
        let plugin = try context.plugin()
        let model = try context.model()
        let find = try plugin.slot("extension", plugin.table.extension)
        var ids = ["sm.does-not-exist/1", "", "sm", "sm.train/", "sm.train/2", "sm.score/10", "SM.TRAIN/1"]
        for known in [SM_TRAIN_1, SM_SCORE_1, SM_SESSION_1, SM_GENERATE_1, SM_PROBES_1] {
            ids += [known + "x", known + "/1", String(known.dropLast()), " " + known]
        }
        for id in ids {
            if plugin.watch.call("extension", { find(model.index, id) }) != nil {
                throw CheckEnd.failed("extension(\"\(id)\") is not null")
            }
        }
        for index in [plugin.table.model_count, .max] where plugin.watch.call("extension", { find(index, SM_TRAIN_1) }) != nil {
            throw CheckEnd.failed("model \(index) does not exist and has an extension \(SM_TRAIN_1)")
        }
        return "\(ids.count) ids"
    }
}
