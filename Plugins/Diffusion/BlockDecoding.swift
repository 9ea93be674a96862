/// Something that keeps what it can of the finished blocks of one text.
protocol BlockDecoding: AnyObject {
    /// Reads the finished blocks before position `end` of `text`, a multiple of the block size.
    func read(_ text: [Int32], upTo end: Int) throws
    /// Logits [positions, alphabet] at `positions` of block `block` of `text`, all before which was read.
    func logits(_ text: [Int32], block: Range<Int>, at positions: [Int]) throws -> [Float]
}
