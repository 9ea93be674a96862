import Layers

/// One part of a state for each layer.
struct LayerStates<Layer: ModelState>: ModelState {
    var layers: [Layer]

    mutating func visit(_ visitor: StateVisitor) throws {
        for index in layers.indices { try layers[index].visit(visitor) }
    }
}
