/// Where a layer stands, as RWKV's first values follow it.
struct LayerPlace {
    /// 0 in the first layer, 1 in the last.
    let fromFirst: Double
    /// 1 in the first layer, 1 / L in the last.
    let toLast: Double

    init(layer: Int, layers: Int) {
        fromFirst = fraction(layer, layers - 1)
        toLast = 1 - fraction(layer, layers)
    }
}

/// index / count; 0 where there is nothing to divide by (a single layer or channel).
func fraction(_ index: Int, _ count: Int) -> Double { count > 0 ? Double(index) / Double(count) : 0 }

/// The gain of RWKV's orthogonal matrices: √(rows / columns) for tall ones, else 1.
func orthogonalGain(_ rows: Int, _ columns: Int) -> Double { max(1, (Double(rows) / Double(columns)).squareRoot()) }
