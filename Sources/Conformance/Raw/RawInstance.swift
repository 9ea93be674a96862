import CSequenceModel

/// A configured model, called through its C functions. Destroyed with the last reference, after its sessions.
final class RawInstance {
    let model: RawModel
    let handle: OpaquePointer
    let shape: sm_shape
    let parameters: [RawParameter]
    /// Memory that was bound last. It lives as long as this object.
    private(set) var block: ParameterBlock?
    /// Kept alive as long as the plugin may call it.
    private let host: ForeignHost?

    var plugin: RawPlugin { model.plugin }
    var vocabulary: Int { Int(shape.vocabulary) }
    var alphabet: Int { Int(shape.alphabet) }

    /// - Parameter host: null in the call when nil.
    init(_ model: RawModel, configuration: String, host: ForeignHost? = nil) throws {
        let plugin = model.plugin
        let create = try plugin.slot("create", plugin.table.create)
        let made: OpaquePointer? = try plugin.check("create") { error in
            var made: OpaquePointer?
            let status = configuration.withCString {
                create(model.index, host.map { UnsafePointer($0.table) }, $0, UInt64(configuration.utf8.count), &made, error)
            }
            return (status, made)
        }
        guard let made else { throw CheckEnd.failed("create returned SM_OK and a null instance") }
        self.model = model
        self.host = host
        handle = made
        let shapeSlot = try plugin.slot("shape", plugin.table.shape)
        shape = try plugin.check("shape") { error in
            var shape = sm_shape()
            shape.struct_size = UInt32(MemoryLayout<sm_shape>.size)
            return (shapeSlot(made, &shape, error), shape)
        }
        guard shape.vocabulary > 0, shape.alphabet > 1, shape.alphabet <= shape.vocabulary, shape.vocabulary <= 1 << 24 else {
            throw CheckEnd.failed("shape says vocabulary \(shape.vocabulary) and alphabet \(shape.alphabet)")
        }
        parameters = try RawInstance.declarations(plugin, made)
    }

    deinit {
        guard let destroy = plugin.table.destroy else { return }
        plugin.watch.call("destroy") { destroy(handle) }
    }

    private static func declarations(_ plugin: RawPlugin, _ handle: OpaquePointer) throws -> [RawParameter] {
        let countSlot = try plugin.slot("parameter_count", plugin.table.parameter_count)
        let slot = try plugin.slot("parameter", plugin.table.parameter)
        let count = plugin.watch.call("parameter_count") { countSlot(handle) }
        guard count > 0, count <= 1_000_000 else { throw CheckEnd.failed("parameter_count is \(count)") }
        return try (0 ..< count).map { index in
            let given: sm_parameter = try plugin.check("parameter") { error in
                var parameter = sm_parameter()
                parameter.struct_size = UInt32(MemoryLayout<sm_parameter>.size)
                return (slot(handle, index, &parameter, error), parameter)
            }
            guard let name = RawModel.text(given.name), !name.isEmpty else {
                throw CheckEnd.failed("the name of parameter \(index) is null, empty or not UTF-8")
            }
            guard given.rank <= 32, given.rank == 0 || given.shape != nil else {
                throw CheckEnd.failed("parameter \(name) has rank \(given.rank) and \(given.shape == nil ? "no" : "a") shape")
            }
            return RawParameter(
                name: name, shape: given.shape.map { shape in (0 ..< Int(given.rank)).map { shape[$0] } } ?? [],
                flags: given.flags, initialiser: given.initialiser, a: given.a, b: given.b,
                learningRateMultiplier: given.learning_rate_multiplier_minus_one + 1,
                tiedTo: given.tied_to_plus_one == 0 ? nil : Int(clamping: given.tied_to_plus_one - 1))
        }
    }

    /// Fresh memory with first values, bound. Throws `RawFailure` when the plugin does not take the scalar type.
    func bindFresh(scalar: UInt32 = SM_FLOAT32, seed: UInt64, gradients: Bool = true) throws {
        let block = try ParameterBlock(parameters, scalar: scalar)
        try bind(block, gradients: gradients)
        try block.initialise(seed: seed) { index, key, values in
            let initialise = try self.plugin.slot("initialise", self.plugin.table.initialise)
            var values = values
            try self.plugin.check("initialise") { error in
                (initialise(self.handle, UInt64(index), sm_key(words: key), &values, error), ())
            }
        }
        parametersChanged()
    }

    func bind(_ block: ParameterBlock, gradients: Bool = true) throws {
        let bind = try plugin.slot("bind", plugin.table.bind)
        let values = block.tensors(block.values)
        let slopes = block.tensors(block.gradients)
        try plugin.check("bind") { error in
            (bind(handle, values, gradients ? slopes : nil, UInt64(values.count), error), ())
        }
        self.block = block
    }

    func bound() throws -> ParameterBlock {
        guard let block else { throw CheckEnd.failed("nothing is bound") }
        return block
    }

    func parametersChanged() {
        guard let changed = plugin.table.parameters_changed else { return }
        plugin.watch.call("parameters_changed") { changed(handle) }
    }

    // MARK: sm.train/1

    private func trainTable() throws -> sm_train {
        guard let table = model.train else { throw CheckEnd.skipped("the model does not offer \(SM_TRAIN_1)") }
        return table
    }

    func loss(_ batch: RawBatch) throws -> Double {
        let loss = try plugin.slot("loss", try trainTable().loss)
        return try plugin.check("loss") { error in
            var result = Double(bitPattern: 0x7FF8_0000_7FC0_1234)
            return (batch.withStruct { loss(handle, $0, &result, error) }, result)
        }
    }

    /// Adds to the gradients that are bound.
    func lossAndGradient(_ batch: RawBatch) throws -> Double {
        let function = try plugin.slot("loss_and_gradient", try trainTable().loss_and_gradient)
        return try plugin.check("loss_and_gradient") { error in
            var result = Double(bitPattern: 0x7FF8_0000_7FC0_1234)
            return (batch.withStruct { function(handle, $0, &result, error) }, result)
        }
    }

    func postUpdate(step: UInt64) throws {
        guard let function = try trainTable().post_update else { return }
        try plugin.check("post_update") { error in (function(handle, step, error), ()) }
    }

    // MARK: sm.score/1

    private func scoreTable() throws -> sm_score {
        guard let table = model.score else { throw CheckEnd.skipped("the model does not offer \(SM_SCORE_1)") }
        return table
    }

    /// nats [B, T]
    func score(_ batch: RawBatch, samples: UInt32 = 0) throws -> GuardedOutput {
        let score = try plugin.slot("score", try scoreTable().score)
        let output = try GuardedOutput(count: batch.count)
        try plugin.check("score") { error in
            var result = sm_score_result()
            result.struct_size = UInt32(MemoryLayout<sm_score_result>.size)
            return (batch.withStruct { score(handle, $0, samples, output.floatAddress, &result, error) }, ())
        }
        return output
    }

    /// logits [B, T, V]
    func logits(_ batch: RawBatch) throws -> GuardedOutput {
        let logits = try plugin.slot("logits", try scoreTable().logits)
        let output = try GuardedOutput(count: batch.count * vocabulary)
        try plugin.check("logits") { error in (batch.withStruct { logits(handle, $0, output.floatAddress, error) }, ()) }
        return output
    }

    /// symbols [B, T] and their log-probabilities
    func predict(_ batch: RawBatch) throws -> (symbols: GuardedOutput, logProbabilities: GuardedOutput) {
        let predict = try plugin.slot("predict", try scoreTable().predict)
        let symbols = try GuardedOutput(count: batch.count)
        let logs = try GuardedOutput(count: batch.count)
        try plugin.check("predict") { error in
            (batch.withStruct { predict(handle, $0, symbols.integerAddress, logs.floatAddress, error) }, ())
        }
        return (symbols, logs)
    }

    // MARK: sm.session/1

    func sessionTable() throws -> sm_session_table {
        guard let table = model.session, model.claims(SM_SESSION) else {
            throw CheckEnd.skipped("the model does not offer \(SM_SESSION_1)")
        }
        return table
    }

    func open(rows: Int) throws -> RawSession {
        let open = try plugin.slot("open", try sessionTable().open)
        let made: OpaquePointer? = try plugin.check("open") { error in
            var made: OpaquePointer?
            return (open(handle, UInt32(rows), &made, error), made)
        }
        guard let made else { throw CheckEnd.failed("open returned SM_OK and a null session") }
        return RawSession(self, try sessionTable(), made, rows: rows)
    }

    /// A session from a saved state, read in pieces of at most `piece` bytes.
    func load(_ state: [UInt8], rows: Int, piece: Int = .max) throws -> RawSession {
        let load = try plugin.slot("load", try sessionTable().load)
        let source = ByteSource(state, piece: piece)
        let made: OpaquePointer? = try plugin.check("load") { error in
            var made: OpaquePointer?
            return (source.withReader { load(handle, $0, &made, error) }, made)
        }
        guard let made else { throw CheckEnd.failed("load returned SM_OK and a null session") }
        return RawSession(self, try sessionTable(), made, rows: rows)
    }
}
