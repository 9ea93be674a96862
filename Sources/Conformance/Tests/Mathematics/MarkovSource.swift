import Glibc
import SequenceModel

/// Texts over four symbols, each drawn given the one before it: a source whose entropy is known.
struct MarkovSource {
    /// Nats a symbol, given all that came before.
    let entropy: Double
    private var stream: RandomStream
    /// Probabilities of the next symbol minus the present one, modulo 4: the same for all symbols, so that all are equally frequent.
    private static let steps = [0.1, 0.65, 0.15, 0.1]

    init(_ stream: RandomStream) {
        self.stream = stream
        entropy = MarkovSource.steps.reduce(0) { $0 - $1 * log($1) }
    }

    /// Rows that begin anew each: [rows, length].
    mutating func text(rows: Int, length: Int) -> [Int32] {
        (0 ..< rows).flatMap { _ in
            var symbol = Int32(stream.index(below: 4))
            return (0 ..< length).map { _ -> Int32 in
                let present = symbol
                var draw = stream.uniform()
                var step: Int32 = 0
                while step < 3, draw >= MarkovSource.steps[Int(step)] {
                    draw -= MarkovSource.steps[Int(step)]
                    step += 1
                }
                symbol = (symbol + step) % 4
                return present
            }
        }
    }
}
