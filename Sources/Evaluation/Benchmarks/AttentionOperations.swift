public import SequenceModel

/// How many operations attention adds to those of the parameters.
public enum AttentionOperations {
    /// Operations of one training step over `rows` rows of `length` tokens: the products q kᵀ and p v forward (4 · H · K for each
    /// pair of positions that see each other) and twice that backward; 0 for a configuration without attention heads.
    ///
    /// The configuration is read by Hugging Face's keys: `num_hidden_layers`, `num_attention_heads`, `head_dim` or `hidden_size`,
    /// `sliding_window`.
    public static func training(_ configuration: JSONValue, rows: Int, length: Int, isCausal: Bool) -> Double {
        func number(_ key: String) -> Int? { configuration[key]?.integerValue.flatMap { $0 > 0 ? $0 : nil } }
        guard let layers = number("num_hidden_layers"), let heads = number("num_attention_heads"),
            let headWidth = number("head_dim") ?? number("hidden_size").map({ $0 / heads })
        else { return 0 }
        let (t, window) = (Double(length), Double(min(number("sliding_window") ?? length, length)))
        let pairs =
            isCausal
            ? window * (window + 1) / 2 + (t - window) * window  // a triangle, then rows of full windows
            : t * t
        return 12 * Double(layers * heads * headWidth) * pairs * Double(rows)
    }
}
