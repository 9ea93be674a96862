/// How much of one block of text can be found word for word in another: what a model may have learned by heart.
public struct Overlap: Sendable, Equatable {
    /// Length of the compared pieces in bytes.
    public let windowBytes: Int
    /// Windows of the examined block, one at every byte.
    public let windows: Int
    /// Those of them that are in the other block as well.
    public let shared: Int

    /// 0 … 1
    public var share: Double { windows == 0 ? 0 : Double(shared) / Double(windows) }

    /// Looks for every window of `examined` in `source`. Windows that agree in a rolling hash (polynomial, modulo 2⁶⁴) are compared
    /// byte by byte with the first window of that hash.
    ///
    /// - Complexity: O(examined + source) time, about 24 bytes of memory for each byte of `examined`.
    public init(of examined: ArraySlice<UInt8>, in source: ArraySlice<UInt8>, windowBytes: Int = 64) {
        self.windowBytes = windowBytes
        windows = max(examined.count - windowBytes + 1, 0)
        guard windows > 0, source.count >= windowBytes else {
            shared = 0
            return
        }
        var places: [UInt64: Int] = [:]
        places.reserveCapacity(windows)
        // A bit for each of the hash's low 24 bits spares most looks into the dictionary.
        var filter = [UInt64](repeating: 0, count: 1 << 18)
        var hashes: [UInt64] = []
        hashes.reserveCapacity(windows)
        Overlap.forEachWindow(of: examined, windowBytes) { place, hash in
            hashes.append(hash)
            if places[hash] == nil { places[hash] = place }
            filter[Int(hash >> 6) & 0x3FFFF] |= 1 << (hash & 63)
        }
        var found: Set<UInt64> = []
        Overlap.forEachWindow(of: source, windowBytes) { place, hash in
            guard filter[Int(hash >> 6) & 0x3FFFF] >> (hash & 63) & 1 == 1, let other = places[hash],
                !found.contains(hash)
            else { return }
            if source[place ..< place + windowBytes] == examined[other ..< other + windowBytes] { found.insert(hash) }
        }
        shared = hashes.reduce(0) { $0 + (found.contains($1) ? 1 : 0) }
    }

    private static func forEachWindow(
        of text: ArraySlice<UInt8>, _ length: Int, _ body: (_ place: Int, _ hash: UInt64) -> Void
    ) {
        let base: UInt64 = 0x9E37_79B9_7F4A_7C15
        let leading = (1 ..< length).reduce(UInt64(1)) { power, _ in power &* base }
        text.withUnsafeBufferPointer { bytes in
            var hash: UInt64 = 0
            for index in 0 ..< bytes.count {
                if index >= length { hash &-= (UInt64(bytes[index - length]) &+ 1) &* leading }
                hash = hash &* base &+ UInt64(bytes[index]) &+ 1
                // The low bits of a polynomial in an odd base depend on few bits of the text: stir before use.
                if index >= length - 1 { body(text.startIndex + index - length + 1, (hash ^ hash >> 29) &* base) }
            }
        }
    }
}
