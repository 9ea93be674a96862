import Layers

/// What RWKV-7 remembers: of fixed size, whatever it has read.
struct RWKV7State: ModelState {
    var layers: [RWKV7LayerState]

    mutating func visit(_ visitor: StateVisitor) throws {
        for index in layers.indices {
            try layers[index].time.visit(visitor)
            try layers[index].channels.visit(visitor)
        }
    }
}

/// One layer's part: H N² + 2 D numbers.
struct RWKV7LayerState {
    var time: RWKV7TimeMixing.State
    var channels: ShiftState
}
