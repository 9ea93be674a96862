/// Seeds as the command line names them: `3` is 1, 2 and 3; `1,5,9` and `7,` are just those.
public enum SeedList {
    /// Most seeds of one list, in either form.
    public static let maximumCount = 1000

    /// Every JSON reader takes integers up to here exactly (RFC 8259, section 6).
    static let largest: UInt64 = 1 << 53

    /// Nil when the text is neither, is empty, too long, or names a seed twice or one above 2⁵³.
    public static func parse(_ text: String) -> [UInt64]? {
        if let count = Int(text) {
            return (1 ... maximumCount).contains(count) ? (1 ... UInt64(count)).map(\.self) : nil
        }
        var parts = text.split(separator: ",", omittingEmptySubsequences: false)
        guard parts.count > 1 else { return nil }
        if parts.last?.isEmpty == true { parts.removeLast() }
        let seeds = parts.compactMap { UInt64($0) }.filter { $0 <= largest }
        guard seeds.count == parts.count, seeds.count <= maximumCount, Set(seeds).count == seeds.count else {
            return nil
        }
        return seeds
    }
}
