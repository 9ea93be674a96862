public import SequenceModel

/// What a probe must give on a small model whose parameters are the ones that `sequence_model.h` fixes for such tests, for two rows of
/// eight symbols.
///
/// Where the numbers come from: compute them once by another way than the probe's. `zoo score --probe NAME` says what was expected
/// and what came when they differ.
public struct ProbeTest<Model: TensorModel>: Sendable {
    let configuration: @Sendable () -> Model.Configuration
    let expected: [Double]
    let tolerance: Double

    /// - Parameters:
    ///   - configuration: of the small model.
    ///   - expected: the values, row-major.
    ///   - tolerance: largest |got − expected| / max(1, |expected|).
    public init(
        _ configuration: @escaping @Sendable () -> Model.Configuration, expected: [Double], tolerance: Double = 1e-4
    ) {
        self.configuration = configuration
        self.expected = expected
        self.tolerance = tolerance
    }

    /// The batch of the test: symbol k (row-major) is (7 k + 3) mod alphabet. Targets are the symbols themselves but for the first of a row
    /// where they stand in place, otherwise those that follow.
    static func batch(alphabet: Int, inPlace: Bool) -> Batch {
        let (rows, length) = (2, 8)
        let tokens = (0 ..< rows * length).map { Int32((7 * $0 + 3) % alphabet) }
        let targets = tokens.indices.map { index -> Int32 in
            if inPlace { return index % length == 0 ? -1 : tokens[index] }
            return index % length == length - 1 ? -1 : tokens[index + 1]
        }
        return Batch(rows: rows, length: length, tokens: tokens, targets: targets, key: RandomKey(1, 2))
    }
}
