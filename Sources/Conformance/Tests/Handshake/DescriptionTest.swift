import CSequenceModel
import SequenceModel

extension ConformanceTest {
    static let description = ConformanceTest(
        "description",
        """
        Descriptions are whole: ids of `[a-z0-9_-]`, valid UTF-8, a likelihood kind, capabilities that agree with the extensions offered.
        """, group: .handshake, strictness: 1,
        motivation: "clap-validator's `descriptor-consistency`; a descriptor that lies gives the wrong model"
    ) { context in
        let plugin = try context.plugin()
        for (name, text) in [("name", plugin.table.name), ("version", plugin.table.version)] where RawModel.text(text) == nil {
            throw CheckEnd.failed("the plugin's \(name) is null or not UTF-8")
        }
        let table = plugin.table
        let slots: [(String, Bool)] = [
            ("describe", table.describe != nil), ("resolve", table.resolve != nil), ("create", table.create != nil),
            ("destroy", table.destroy != nil), ("extension", table.extension != nil), ("shape", table.shape != nil),
            ("parameter_count", table.parameter_count != nil), ("parameter", table.parameter != nil), ("bind", table.bind != nil),
        ]
        if let missing = slots.first(where: { !$0.1 }) { throw CheckEnd.failed("\(missing.0) of the plugin's table is null") }
        var ids: Set<String> = []
        for index in 0 ..< plugin.modelCount {
            let id = RawModel.text(try plugin.describe(index).id) ?? ""
            guard ids.insert(id).inserted else { throw CheckEnd.failed("two models have the id \(id)") }
        }
        let model = try context.model()
        let described = Description(try plugin.describe(model.index))
        for (name, text) in described.fields {
            guard let text else { throw CheckEnd.failed("\(name) is null or not UTF-8") }
            let limit = name == "configuration_schema" ? 1 << 20 : 4096
            guard !text.isEmpty || name == "paper", text.utf8.count <= limit else {
                throw CheckEnd.failed("\(name) has \(text.utf8.count) bytes")
            }
        }
        let allowed = Set("abcdefghijklmnopqrstuvwxyz0123456789_-")
        guard model.id.allSatisfy({ allowed.contains($0) }) else { throw CheckEnd.failed("id \"\(model.id)\"; allowed: [a-z0-9_-]") }
        guard model.likelihood <= SM_LIKELIHOOD_UPPER_BOUND else { throw CheckEnd.failed("likelihood \(model.likelihood); allowed: 0 to 2") }
        guard described.raw.reserved == 0 else { throw CheckEnd.failed("reserved is \(described.raw.reserved)") }
        try checkCapabilities(model)
        try checkSchema(described)
        return model.id
    }

    private static func checkCapabilities(_ model: RawModel) throws {
        guard model.capabilities < 512 else { throw CheckEnd.failed("capabilities has unknown bits: 0x\(String(model.capabilities, radix: 16))") }
        let pairs: [(String, UInt32, String, Bool)] = [
            ("SM_SESSION", SM_SESSION, SM_SESSION_1, model.session != nil),
            ("SM_GENERATES", SM_GENERATES, SM_GENERATE_1, model.generate != nil),
        ]
        for (name, bit, id, isThere) in pairs where model.claims(bit) != isThere {
            throw CheckEnd.failed(isThere ? "\(id) is offered without \(name)" : "\(name) is claimed, and \(id) is null")
        }
        if model.claims(SM_PREDICTS), model.score?.predict == nil { throw CheckEnd.failed("SM_PREDICTS is claimed, and predict is null") }
        if model.likelihood != SM_LIKELIHOOD_NONE, model.score?.score == nil {
            throw CheckEnd.failed("a likelihood is claimed, and score of \(SM_SCORE_1) is null")
        }
        if let train = model.train, train.loss == nil || train.loss_and_gradient == nil {
            throw CheckEnd.failed("\(SM_TRAIN_1) is offered without loss or loss_and_gradient")
        }
        for (name, bit) in [("SM_FIXED_STATE", SM_FIXED_STATE), ("SM_RECOMPUTING_SESSION", SM_RECOMPUTING_SESSION)]
        where model.claims(bit) && !model.claims(SM_SESSION) {
            throw CheckEnd.failed("\(name) is claimed without SM_SESSION")
        }
        if model.claims(SM_FIXED_STATE), model.claims(SM_RECOMPUTING_SESSION) {
            throw CheckEnd.failed("SM_FIXED_STATE is claimed by sessions that keep the text (SM_RECOMPUTING_SESSION)")
        }
        if model.claims(SM_CAUSAL), model.claims(SM_TARGETS_IN_PLACE) {
            throw CheckEnd.failed("SM_CAUSAL and SM_TARGETS_IN_PLACE exclude each other")
        }
        if let table = model.session {
            let slots: [(String, Bool)] = [
                ("open", table.open != nil), ("close", table.close != nil), ("append", table.append != nil),
                ("position", table.position != nil), ("fork", table.fork != nil), ("rewind", table.rewind != nil),
                ("state_bytes", table.state_bytes != nil), ("save", table.save != nil), ("load", table.load != nil),
                ("rows", table.rows != nil),
            ]
            if let missing = slots.first(where: { !$0.1 }) { throw CheckEnd.failed("\(missing.0) of \(SM_SESSION_1) is null") }
        }
    }

    private static func checkSchema(_ described: Description) throws {
        let text = described.fields.last?.text ?? ""
        guard let schema = try? JSONParser.parse(text) else { throw CheckEnd.failed("configuration_schema is not JSON") }
        guard let properties = schema["properties"]?.objectValue else { throw CheckEnd.failed("configuration_schema has no properties") }
        for key in properties.keys {
            guard properties[key]?["type"] != nil, properties[key]?["default"] != nil else {
                throw CheckEnd.failed("\(key) of configuration_schema has no type or no default")
            }
        }
    }
}
