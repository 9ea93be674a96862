/// Rows of symbols and what is wanted of them.
public struct Batch: Sendable {
    /// B
    public var rows: Int
    /// T
    public var length: Int
    /// [B, T]
    public var tokens: [Int32]
    /// [B, T]; −1 where nothing is wanted. Empty: no targets at all.
    public var targets: [Int32]
    /// [B, T]; nil: 1 / (number of targets) each. May be negative.
    public var weights: [Float]?
    /// Decides every random choice made for this batch.
    public var key: RandomKey

    /// See the properties; nothing is checked before `validate`.
    public init(
        rows: Int, length: Int, tokens: [Int32], targets: [Int32] = [], weights: [Float]? = nil,
        key: RandomKey = RandomKey(seed: 0)
    ) {
        self.rows = rows
        self.length = length
        self.tokens = tokens
        self.targets = targets
        self.weights = weights
        self.key = key
    }

    /// Number of targets that are wanted.
    public var targetCount: Int { targets.reduce(0) { $0 + ($1 >= 0 ? 1 : 0) } }

    /// Throws `.invalidArgument`, saying where, unless sizes agree and every symbol is in range.
    public func validate(for shape: ModelShape) throws {
        func refuse(_ text: String) -> SequenceModelError { SequenceModelError(.invalidArgument, text) }
        guard rows > 0, length > 0 else { throw refuse("batch is \(rows) × \(length); both must be at least 1") }
        if let limit = shape.maximumTokens, length > limit {
            throw refuse("batch has rows of \(length) tokens; this model takes at most \(limit)")
        }
        let (count, overflow) = rows.multipliedReportingOverflow(by: length)
        guard !overflow, tokens.count == count else {
            throw refuse("batch of \(rows) × \(length) has \(tokens.count) tokens")
        }
        guard targets.isEmpty || targets.count == count else {
            throw refuse("batch of \(rows) × \(length) has \(targets.count) targets")
        }
        if let weights, weights.count != count {
            throw refuse("batch of \(rows) × \(length) has \(weights.count) weights")
        }
        let mask = Int32(shape.maskSymbol ?? -1)
        let alphabet = Int32(shape.alphabet)
        for (index, token) in tokens.enumerated() where token < 0 || (token >= alphabet && token != mask) {
            throw refuse(
                "token \(token) at row \(index / length), position \(index % length); allowed: 0 to \(alphabet - 1)")
        }
        for (index, target) in targets.enumerated() where target < -1 || target >= alphabet {
            throw refuse(
                "target \(target) at row \(index / length), position \(index % length); allowed: −1 to \(alphabet - 1)"
            )
        }
    }
}
