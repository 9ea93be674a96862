import Layers

/// Keys and values of the context, layer by layer, for each embedded step one row behind the other.
struct EnergyState: ModelState {
    var caches: [KeyValueCache]

    mutating func visit(_ visitor: StateVisitor) throws {
        for index in caches.indices { try caches[index].visit(visitor) }
    }

    /// Positions are those of the text: a cache holds one token more, the step's.
    mutating func rewind(to position: Int, from length: Int) -> Bool {
        for index in caches.indices where !caches[index].rewind(to: position + 1) { return false }
        return true
    }
}
