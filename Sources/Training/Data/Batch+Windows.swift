public import SequenceModel

extension Batch {
    /// Windows w[0 … T] of `bytes`, T = `context`, in which the T bytes after the first are predicted.
    ///
    /// A model of the next symbol reads w[0 ..< T] and is asked for w[1 … T]: [B, T]. A model whose targets are in
    /// place reads w[0 … T], the first symbol given (target −1): [B, T + 1]. Both predict the same T bytes.
    /// `starts` are places in `bytes` with T more bytes after them.
    public init(
        windowsOf bytes: [UInt8], at starts: [Int], context: Int, targetsInPlace: Bool, key: RandomKey = RandomKey(seed: 0)
    ) {
        let length = targetsInPlace ? context + 1 : context
        var tokens: [Int32] = []
        var targets: [Int32] = []
        tokens.reserveCapacity(starts.count * length)
        targets.reserveCapacity(starts.count * length)
        for start in starts {
            tokens.append(contentsOf: bytes[start ..< start + length].lazy.map { Int32($0) })
            if targetsInPlace { targets.append(-1) }
            targets.append(contentsOf: bytes[start + 1 ... start + context].lazy.map { Int32($0) })
        }
        self.init(rows: starts.count, length: length, tokens: tokens, targets: targets, key: key)
    }
}
