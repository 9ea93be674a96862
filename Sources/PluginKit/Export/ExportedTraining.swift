internal import CSequenceModel
internal import SequenceModel

/// A caller's batch with its arrays copied. Throws `.invalidArgument` for sizes that cannot be.
func batch(_ pointer: UnsafePointer<sm_batch>, targetsRequired: Bool) throws -> Batch {
    try requireArgument(isNull(pointer), "batch")
    let given = try readSized(pointer, "batch", zero: sm_batch())
    func refuse(_ text: String) -> SequenceModelError { SequenceModelError(.invalidArgument, text) }
    guard given.rows > 0, given.length > 0 else {
        throw refuse("batch is \(given.rows) × \(given.length); both must be at least 1")
    }
    let (count, overflow) = UInt64(given.rows).multipliedReportingOverflow(by: given.length)
    guard !overflow, count <= UInt64(Int32.max) else {
        throw refuse("batch is \(given.rows) × \(given.length); at most \(Int32.max) tokens")
    }
    guard let tokens = given.tokens else { throw refuse("tokens of the batch is null") }
    if targetsRequired, given.targets == nil { throw refuse("targets of the batch is null") }
    return Batch(
        rows: Int(given.rows), length: Int(given.length),
        tokens: Array(UnsafeBufferPointer(start: tokens, count: Int(count))),
        targets: given.targets.map { Array(UnsafeBufferPointer(start: $0, count: Int(count))) } ?? [],
        weights: given.weights.map { Array(UnsafeBufferPointer(start: $0, count: Int(count))) },
        key: RandomKey(given.key.words.0, given.key.words.1))
}

/// `sm.train/1`
func trainTable() -> sm_train {
    var table = sm_train()
    table.struct_size = UInt32(MemoryLayout<sm_train>.size)
    table.loss = { handle, rows, loss, error in
        answer(error) {
            let model = try instance(handle).model
            try requireArgument(isNull(loss), "loss")
            loss.pointee = try model.loss(try batch(rows, targetsRequired: true))
        }
    }
    table.loss_and_gradient = { handle, rows, loss, error in
        answer(error) {
            let model = try instance(handle).model
            try requireArgument(isNull(loss), "loss")
            loss.pointee = try model.lossAndGradient(try batch(rows, targetsRequired: true))
        }
    }
    table.post_update = { handle, step, error in
        answer(error) {
            guard let step = Int(exactly: step), step > 0 else {
                throw SequenceModelError(.invalidArgument, "step is \(step); steps are counted from 1")
            }
            try instance(handle).model.postUpdate(step: step)
        }
    }
    return table
}
