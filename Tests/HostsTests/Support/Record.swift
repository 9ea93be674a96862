import SequenceModel

/// What losses.py repeats.
struct Record: Encodable {
    var model: String
    /// JSON
    var configuration: String
    var steps: [Step]

    struct Step: Encodable {
        var rows: Int
        var tokens: [Int32]
        var targets: [Int32]
        /// The two words of the key, as decimal numbers: JSON has no 64-bit ones.
        var key: [String]
        /// The bits of the loss, as a decimal number.
        var loss: String
        /// A file to load before the step.
        var parameters: String?
        /// The rate of a step of plain descent after it.
        var rate: Float?

        init(_ batch: Batch, loss: Double, parameters: String?, rate: Float?) {
            rows = batch.rows
            tokens = batch.tokens
            targets = batch.targets
            key = [String(batch.key.words.0), String(batch.key.words.1)]
            self.loss = String(loss.bitPattern)
            self.parameters = parameters
            self.rate = rate
        }
    }
}
