/// What a stack of equal layers remembers: the state of each, from the first to the last.
public struct LayerStates<Layer: ModelState>: ModelState {
    /// One for each layer.
    public var layers: [Layer]

    /// The states of the layers, first to last.
    public init(_ layers: [Layer]) { self.layers = layers }

    /// As `ModelState`: every part, always in the same order.
    public mutating func visit(_ visitor: StateVisitor) throws {
        for index in layers.indices { try layers[index].visit(visitor) }
    }

    /// Goes back only if every layer can; a state of mixed layers, some of which cannot, is left as it was.
    public mutating func rewind(to position: Int, from length: Int) -> Bool {
        var rewound = layers
        for index in rewound.indices where !rewound[index].rewind(to: position, from: length) { return false }
        layers = rewound
        return true
    }
}
