/// One change of a text that is being generated.
public enum GenerationEvent: Sendable, Equatable {
    /// Step `index` (from 0) of `count` begins.
    case step(index: Int, count: Int)
    /// Symbols come after what is there.
    case append([Int32])
    /// Symbols from `begin` on are now these; may hold the mask symbol.
    case replace(begin: Int, symbols: [Int32])
    /// Nothing more will change.
    case done
}
