import Layers

/// What RWKV-4 remembers: of fixed size, whatever it has read.
struct RWKV4State: ModelState {
    var layers: [RWKV4LayerState]

    mutating func visit(_ visitor: StateVisitor) throws {
        for index in layers.indices {
            try layers[index].time.visit(visitor)
            try layers[index].channels.visit(visitor)
        }
    }
}

/// One layer's part: two tokens of D numbers and three sums of A.
struct RWKV4LayerState {
    var time: RWKV4TimeMixing.State
    var channels: ShiftState
}
