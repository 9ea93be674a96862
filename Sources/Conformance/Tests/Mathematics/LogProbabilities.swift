import CSequenceModel
import Glibc

/// Natural logarithms of the probabilities that logits stand for, over the first `alphabet` of them.
struct LogProbabilities {
    let values: [Double]

    init(_ logits: ArraySlice<Float>, alphabet: Int) {
        let known = logits.prefix(alphabet).map(Double.init)
        let largest = known.max() ?? 0
        let sum = largest + log(known.reduce(0) { $0 + exp($1 - largest) })
        values = known.map { $0 - sum }
    }
}
