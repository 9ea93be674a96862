import CSequenceModel

extension ConformanceTest {
    static let noServices = ConformanceTest(
        "no-services", "Everything works for a host that offers no services at all.", group: .handshake, strictness: 2,
        motivation: "clap-validator runs each plugin once without any host extension: an optional service treated as given ends the process (iree#19223)"
    ) { context in
        try Tour(context.instance(), context).run()
        let empty = ForeignHost(context.watch)
        empty.table.pointee.max_concurrency = 0
        empty.table.pointee.context = nil
        empty.table.pointee.parallel_for = nil
        empty.table.pointee.should_cancel = nil
        empty.table.pointee.log = nil
        empty.table.pointee.progress = nil
        let calls = try Tour(context.instance(host: empty), context).run()
        return "\(calls) calls without a host, and with an empty one"
    }

    static let callOrder = ConformanceTest(
        "call-order", "Calls in a wrong order are refused with a status, and the instance is usable afterwards.", group: .handshake,
        strictness: 2, motivation: "A null pointer where parameters should be: the host dies of its own small mistake"
    ) { context in
        let instance = try context.unbound()
        let batch = context.batch(instance, rows: 1, length: 4)
        func expect(_ status: Int32?, _ what: String, _ call: () throws -> Void) throws {
            do {
                try call()
            } catch let failure as RawFailure {
                if let status, failure.status != status { throw CheckEnd.failed("\(what) returned \(failure.status), not \(status)") }
                return
            } catch CheckEnd.skipped {
                return
            }
            throw CheckEnd.failed("\(what) succeeded")
        }
        let early = SM_FAILED_PRECONDITION
        try expect(early, "loss before bind") { _ = try instance.loss(batch) }
        try expect(early, "loss_and_gradient before bind") { _ = try instance.lossAndGradient(batch) }
        try expect(early, "score before bind") { _ = try instance.score(batch) }
        try expect(early, "logits before bind") { _ = try instance.logits(batch) }
        if instance.model.score?.predict != nil, instance.model.claims(SM_PREDICTS) {
            try expect(early, "predict before bind") { _ = try instance.predict(batch) }
        }
        try expect(early, "open before bind") { _ = try instance.open(rows: 1) }
        if instance.model.train?.post_update != nil { try expect(early, "post_update before bind") { try instance.postUpdate(step: 1) } }
        let block = try ParameterBlock(instance.parameters, scalar: SM_FLOAT32)
        try instance.bind(block, gradients: false)
        try instance.bindFresh(seed: context.seed, gradients: false)
        let loss = try instance.loss(batch)
        try expect(early, "loss_and_gradient without gradients") { _ = try instance.lossAndGradient(batch) }
        try wrongBindings(instance)
        try expect(nil, "open with 0 rows") { _ = try instance.open(rows: 0) }
        let again = try instance.loss(batch)
        guard again == loss else { throw CheckEnd.failed("after refused calls the loss is \(again), before them \(loss)") }
        try instance.bindFresh(seed: context.seed)
        try Tour(instance, context).run()
        return "before bind, without gradients, bindings that do not fit"
    }

    private static func wrongBindings(_ instance: RawInstance) throws {
        let plugin = instance.plugin
        let bind = try plugin.slot("bind", plugin.table.bind)
        let block = try instance.bound()
        func refuse(_ what: String, _ tensors: [sm_tensor], count: Int) throws {
            let error = RawError()
            let status = plugin.watch.call("bind") { bind(instance.handle, tensors, nil, UInt64(count), error.pointer) }
            guard status == SM_INVALID_ARGUMENT else { throw CheckEnd.failed("bind with \(what) returned \(status), not SM_INVALID_ARGUMENT") }
            if let fault = error.fault(for: status) { throw CheckEnd.failed("bind with \(what): \(fault)") }
        }
        let tensors = block.tensors(block.values)
        try refuse("one tensor too few", tensors, count: tensors.count - 1)
        try refuse("a tensor too many", tensors + [tensors[0]], count: tensors.count + 1)
        try refuse("no tensors", tensors, count: 0)
        var changed = tensors
        let rank = Int(changed[0].rank)
        let wrong = UnsafeMutablePointer<Int64>.allocate(capacity: rank + 1)
        defer { wrong.deallocate() }
        for axis in 0 ..< rank { wrong[axis] = (tensors[0].shape?[axis] ?? 0) + (axis == 0 ? 1 : 0) }
        wrong[rank] = 1
        changed[0].shape = UnsafePointer(wrong)
        if rank > 0 { try refuse("a shape that does not fit", changed, count: changed.count) }
        changed[0].rank += 1
        try refuse("a rank that does not fit", changed, count: changed.count)
        changed = tensors
        changed[0].scalar_type = 0x0001_1002
        try refuse("float16 values", changed, count: changed.count)
        changed = tensors
        changed[0].data = nil
        try refuse("null data", changed, count: changed.count)
    }

    static let nullArguments = ConformanceTest(
        "null-arguments", "Null where the contract allows null (errors, destroy, close) does no harm.", group: .handshake, strictness: 2,
        motivation: "Every `_Destroy` of PJRT takes null; a plugin that writes its message to a null error ends the host"
    ) { context in
        let plugin = try context.plugin()
        let instance = try context.instance()
        let model = instance.model
        let resolve = try plugin.slot("resolve", plugin.table.resolve)
        let destroy = try plugin.slot("destroy", plugin.table.destroy)
        let sink = ByteSink()
        let bad = "{\"no such key\": 1}"
        // Errors: none, without room, and with little: the message is cut and ends with a zero.
        let status = plugin.watch.call("resolve") {
            sink.withWriter { writer in bad.withCString { resolve(model.index, $0, UInt64(bad.utf8.count), writer, nil) } }
        }
        guard status != SM_OK else { throw CheckEnd.failed("resolve accepted \(bad)") }
        for capacity in [0, 1, 2, 7, 16, 40] {
            let error = RawError(capacity: capacity)
            if capacity == 0 { error.pointer.pointee.message = nil }
            let status = plugin.watch.call("resolve") {
                sink.withWriter { writer in bad.withCString { resolve(model.index, $0, UInt64(bad.utf8.count), writer, error.pointer) } }
            }
            if error.isOverrun { throw CheckEnd.failed("a message was written past its capacity of \(capacity) bytes") }
            if capacity > 1, let fault = error.fault(for: status) { throw CheckEnd.failed("a message with room for \(capacity) bytes: \(fault)") }
            if capacity > 0, error.message.utf8.count >= capacity { throw CheckEnd.failed("a message with room for \(capacity) bytes has no zero at its end") }
        }
        plugin.watch.call("destroy (null)") { destroy(nil) }
        if let close = model.session?.close { plugin.watch.call("close (null)") { close(nil) } }
        let batch = context.batch(instance, rows: 1, length: 3)
        if let score = model.score?.score {
            let output = try GuardedOutput(count: batch.count)
            let status = plugin.watch.call("score (null result and error)") {
                batch.withStruct { score(instance.handle, $0, 1, output.floatAddress, nil, nil) }
            }
            guard status == SM_OK else { throw CheckEnd.failed("score without a result struct returned \(status)") }
        }
        if model.claims(SM_PREDICTS), let predict = model.score?.predict {
            let output = try GuardedOutput(count: batch.count)
            let status = plugin.watch.call("predict (null log_probability)") {
                batch.withStruct { predict(instance.handle, $0, output.integerAddress, nil, nil) }
            }
            guard status == SM_OK else { throw CheckEnd.failed("predict without log_probability returned \(status)") }
        }
        var wrong = batch
        wrong.tokens[0] = -7
        if let loss = model.train?.loss {
            var value = 0.0
            let status = plugin.watch.call("loss (null error)") { wrong.withStruct { loss(instance.handle, $0, &value, nil) } }
            guard status != SM_OK else { throw CheckEnd.failed("loss accepted the token −7") }
        }
        _ = try instance.logits(RawBatch(rows: 1, length: 3, tokens: Array(batch.tokens.prefix(3)), targets: nil))
        return "errors of 0 to 40 bytes; destroy, close, result, log_probability, targets"
    }
}
