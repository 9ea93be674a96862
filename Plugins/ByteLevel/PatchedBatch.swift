/// The patches that have ended in the rows of a batch, row after row, each with places for as many as the fullest.
struct PatchedBatch {
    /// Last byte of each patch, for each row.
    let ends: [[Int]]
    /// Places for patches in each row.
    let capacity: Int
    /// Bytes of each place, counted over B · T; empty where a row has no further patch. [B · capacity]
    let segments: [Range<Int>]
    /// For each byte the place of the last patch that has ended with it or before it. [B · T]
    let latest: [Int]

    init(ends: [[Int]], length: Int) {
        self.ends = ends
        let capacity = PatchedBatch.capacity(ends.map(\.count).max() ?? 0, length: length)
        self.capacity = capacity
        var segments: [Range<Int>] = []
        var latest: [Int] = []
        for (row, ends) in ends.enumerated() {
            var begin = 0
            for end in ends {
                segments.append(row * length + begin ..< row * length + end + 1)
                begin = end + 1
            }
            let none = row * length ..< row * length
            segments += [Range<Int>](repeating: none, count: capacity - ends.count)
            var (closed, next) = (-1, 0)
            for position in 0 ..< length {
                if next < ends.count, ends[next] == position {
                    closed += 1
                    next += 1
                }
                latest.append(row * capacity + closed)  // byte 0 is a patch: never below the row's first
            }
        }
        self.segments = segments
        self.latest = latest
    }

    /// Places for `count` patches of a text. A product of a few rows is computed another way than one of many, to other last bits, and how
    /// many patches there are depends on later bytes: short texts therefore have places for all their bytes, longer ones for 48 at least.
    private static func capacity(_ count: Int, length: Int) -> Int {
        length <= 64 ? length : min(length, max(48, (count + 15) / 16 * 16))
    }

    /// Mean bytes of a patch, the open ones left out.
    var meanLength: Double {
        let bytes = ends.reduce(0) { $0 + (($1.last ?? -1) + 1) }
        return Double(bytes) / Double(max(1, ends.reduce(0) { $0 + $1.count }))
    }
}
