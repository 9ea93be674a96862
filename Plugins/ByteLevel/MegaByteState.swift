import Layers
import Tensor

/// What MegaByte remembers: keys and values of the patches before, those of the places of the open patch, and its bytes.
struct MegaByteState: ModelState {
    /// One for each global layer; one entry for each patch.
    var global: [KeyValueCache]
    /// One for each local layer; emptied at each patch.
    var local: [KeyValueCache]
    /// What the global transformer says of the open patch: [B, P, D_L].
    var latent: Tensor
    /// Bytes of the open patch, [B, P]: zeros behind what was read.
    var open: [Int]

    mutating func visit(_ visitor: StateVisitor) throws {
        for layer in global.indices { try global[layer].visit(visitor) }
        for layer in local.indices { try local[layer].visit(visitor) }
        try visitor.visit(&latent)
        for index in open.indices { try visitor.visit(&open[index]) }
    }
}
