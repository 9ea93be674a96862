import Evaluation

extension ResultRow {
    /// Operations of training for one token, by the convention of `zoo bench train`: 6 for each parameter, and the products of attention
    /// (12 · layers · heads · head width for each pair of positions that see each other; a model with a bound sees both sides). What a model
    /// computes beside that, by scans, descents or repeated passes, is not counted. nil without a parameter count.
    ///
    /// - Parameter context: T, tokens in a training window.
    public func operationsPerToken(context: Int) -> Double? {
        guard let parameters, context > 0 else { return nil }
        let attention = AttentionOperations.training(
            config.value, rows: 1, length: context, isCausal: likelihood == .exact)
        return 6 * Double(parameters) + attention / Double(context)
    }

    /// Operations of the whole training.
    public func operations(context: Int) -> Double? {
        operationsPerToken(context: context).map { $0 * Double(trainTokens) }
    }
}
