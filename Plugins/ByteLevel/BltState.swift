import Layers
import SequenceModel
import Tensor

/// What BLT remembers: windows of its local transformers, and for each row, whose patches end where they will, the patches before and the
/// bytes of the open one.
struct BltState: ModelState {
    var patcher: [KeyValueCache]
    var encoder: [KeyValueCache]
    var decoder: [KeyValueCache]
    /// The last ids that groups of bytes still reach back to, [B, reach], oldest first; 0 before the text.
    var recent: [Int]
    var rows: [Row]

    /// What belongs to one row.
    struct Row {
        /// Keys and values of the patches that have ended, for each global layer.
        var global: [KeyValueCache]
        /// What the decoder reads of the last patch that has ended: [k, D_L].
        var latent: Tensor
        /// Encoder's output for the bytes of the open patch, [n, D_L]; nil: none.
        var bytes: Tensor?
        var open = PatchRule.Open()
    }

    mutating func visit(_ visitor: StateVisitor) throws {
        for layer in patcher.indices { try patcher[layer].visit(visitor) }
        for layer in encoder.indices { try encoder[layer].visit(visitor) }
        for layer in decoder.indices { try decoder[layer].visit(visitor) }
        for index in recent.indices { try visitor.visit(&recent[index]) }
        for row in rows.indices { try rows[row].visit(visitor) }
    }
}

extension BltState.Row {
    mutating func visit(_ visitor: StateVisitor) throws {
        for layer in global.indices { try global[layer].visit(visitor) }
        try visitor.visit(&latent)
        var word = open.hasWord ? 1 : 0
        try visitor.visit(&word)
        open.hasWord = word == 1
        try visitor.visit(&open.length)
        let width = latent.extent(1)
        if visitor.isReading {
            let (size, overflow) = open.length.multipliedReportingOverflow(by: width * latent.scalarType.byteCount)
            guard open.length >= 0, !overflow, size <= visitor.remaining else {
                throw SequenceModelError(.dataLoss, "the saved state holds a patch of \(open.length) bytes and too few numbers for it")
            }
            bytes = open.length == 0 ? nil : .zeros([open.length, width], latent.scalarType)
        }
        guard var part = bytes else { return }
        try visitor.visit(&part)
        bytes = part
    }
}
