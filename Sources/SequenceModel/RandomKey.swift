/// A key from which every random choice of one purpose follows. Keys are split, never advanced, so that streams do not
/// depend on the order in which they are used.
public struct RandomKey: Sendable, Hashable {
    /// The 128 bits of the key.
    public var words: (UInt64, UInt64) { (first, second) }
    private let first: UInt64
    private let second: UInt64

    /// A key of these bits.
    public init(_ first: UInt64, _ second: UInt64) {
        self.first = first
        self.second = second
    }

    /// The key of a seed that a person chose.
    public init(seed: UInt64) { self.init(mix(seed &+ golden), mix(seed &+ 2 &* golden)) }

    /// The key of sub-purpose `index`.
    public func split(_ index: UInt64) -> RandomKey {
        let a = mix(first ^ mix(index &+ golden))
        return RandomKey(a, mix(second &+ a &+ index &* golden))
    }

    /// The key of a named sub-purpose (FNV-1a of the name, then `split`).
    public func split(_ name: String) -> RandomKey {
        split(name.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 })
    }

    /// Random numbers that follow from this key: the same at each call.
    public var stream: RandomStream { RandomStream(key: self) }
}

private let golden: UInt64 = 0x9E37_79B9_7F4A_7C15

/// The finaliser of SplitMix64 (Steele, Lea and Flood 2014, doi:10.1145/2660193.2660195, figure 16).
func mix(_ value: UInt64) -> UInt64 {
    var z = value
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
}
