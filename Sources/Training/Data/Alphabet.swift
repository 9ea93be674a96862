/// The symbols that data are made of.
public struct Alphabet: Sendable, Equatable {
    /// Number of symbols; they are 0 ..< count.
    public let count: Int

    /// The 256 bytes: no tokenizer, and bits per byte without a table.
    public static let bytes = Alphabet(count: 256)
}
