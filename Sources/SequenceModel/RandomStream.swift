#if canImport(Glibc)
    import Glibc
#endif

/// A stream of random numbers that follows from its key alone: xoshiro256** (Blackman and Vigna 2018,
/// arXiv:1805.01407), seeded through SplitMix64. The same on every machine and for any number of threads.
public struct RandomStream: RandomNumberGenerator, Sendable {
    private var state: (UInt64, UInt64, UInt64, UInt64)

    /// Keys that differ give streams that are independent for all practical ends.
    public init(key: RandomKey) {
        let (a, b) = key.words
        state = (mix(a &+ 1), mix(b &+ 2), mix(a ^ b), mix(a &+ 3 &* b) | 1)
    }

    /// 64 random bits.
    public mutating func next() -> UInt64 {
        func rotate(_ x: UInt64, _ k: UInt64) -> UInt64 { (x << k) | (x >> (64 - k)) }
        let result = rotate(state.1 &* 5, 7) &* 9
        let shifted = state.1 << 17
        state.2 ^= state.0
        state.3 ^= state.1
        state.1 ^= state.2
        state.0 ^= state.3
        state.2 ^= shifted
        state.3 = rotate(state.3, 45)
        return result
    }

    /// Uniform in [0, 1) with 53 random bits.
    public mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// Uniform in 0 ..< bound, without bias (Lemire 2019, arXiv:1805.10941). `bound` is at least 1.
    public mutating func index(below bound: Int) -> Int {
        precondition(bound >= 1, "RandomStream.index: bound \(bound)")
        let range = UInt64(bound)
        let threshold = (0 &- range) % range
        while true {
            let product = next().multipliedFullWidth(by: range)
            if product.low >= threshold { return Int(product.high) }
        }
    }

    /// Standard normal, in double precision (Box and Muller 1958).
    public mutating func normal() -> Double {
        let radius = (-2 * log(1 - uniform())).squareRoot()
        return radius * cos(2 * Double.pi * uniform())
    }
}
