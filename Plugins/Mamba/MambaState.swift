import Layers
import Tensor

/// What Mamba remembers: of fixed size, whatever it has read.
struct MambaState: ModelState {
    var layers: [MambaLayerState]

    mutating func visit(_ visitor: StateVisitor) throws {
        for index in layers.indices {
            try visitor.visit(&layers[index].convolution)
            try visitor.visit(&layers[index].scan)
        }
    }
}

/// One layer's part.
struct MambaLayerState {
    /// The last inputs of the convolution, oldest first: [B, width − 1, C].
    var convolution: Tensor
    /// h: [B, C, N].
    var scan: Tensor
}
