/// Products by the kernel that packs the second matrix once for all pieces.
extension MatrixProduct {
    /// Numbers that are packed in one piece: handing out less costs more than packing it.
    private static let packedInPiece = 1 << 15
    /// The most that is packed at a time: a large vocabulary or a long text would double the memory that a product takes.
    private static let packedBytes = 32 << 20
    /// Rows of a piece, about: enough of them to use what they read of B, so few that their part of A stays in the second
    /// cache.
    private static let rowsInPiece = 36...260

    /// Whether the kernel is there and packing pays: few rows would not use what was packed often enough.
    func isWorthPacking<R: Real>(_: R.Type) -> Bool {
        matrices == 1 && rows >= 48 && columns >= 16 && inner >= 16 && rows * columns * inner >= 1 << 18
            && R.packedProductRows() > 0
    }

    /// y = op(A) op(B) (+ bias [columns] in each row), or y += op(A) op(B).
    func runPacked<R: Real>(_: R.Type, into y: Tensor, _ accumulating: Bool, _ bias: Tensor?) {
        let fitting = Self.packedBytes / (MemoryLayout<R>.size * inner)
        let width = Swift.max(fitting / 64 * 64, 64)
        for begin in stride(from: 0, to: columns, by: width) {
            runPacked(R.self, begin..<min(begin + width, columns), into: y, accumulating, bias)
        }
    }

    /// These columns of the product.
    private func runPacked<R: Real>(
        _: R.Type, _ range: Range<Int>, into y: Tensor, _ accumulating: Bool, _ bias: Tensor?
    ) {
        let (m, n, k) = (Int64(rows), Int64(range.count), Int64(inner))
        let size = Int(R.packedProductSize(n, k))
        let packed = Tensor(uninitialized: [size], R.scalarType)
        let panels = Int(R.packedProductPanels(n))
        let packings = Swift.max(1, min(8, size / Self.packedInPiece))
        let firstOfB = range.lowerBound * (transposeB ? inner : 1)
        Execution.current.inRanges(panels, of: (panels + packings - 1) / packings) { panels in
            R.packedProductPack(
                transposeB ? 1 : 0, n, k, b.input(R.self) + firstOfB, transposeB ? k : Int64(columns),
                Int64(panels.lowerBound), Int64(panels.upperBound), packed.pointer(R.self))
        }
        let cuts = self.cuts(tileRows: Int(R.packedProductRows()))
        let longest = Int64(Self.rowsInPiece.upperBound)
        let workspace = transposeA ? Int(R.packedProductWorkspace(longest, k)) * MemoryLayout<R>.size : 0
        Execution.current.parallel(count: cuts.count - 1, scratchBytes: workspace) { piece, scratch in
            let row = cuts[piece], count = cuts[piece + 1] - row
            let c = y.pointer(R.self) + row * columns + range.lowerBound
            R.packedProduct(
                transposeA ? 1 : 0, Int64(count), n, k, a.input(R.self) + (transposeA ? row : row * inner),
                transposeA ? m : k, packed.input(R.self), accumulating ? 1 : 0, c, Int64(columns),
                scratch.assumingMemoryBound(to: R.self))
            guard let bias else { return }
            for index in 0..<count {
                let c = c + index * columns
                R.addValues(n, c, bias.input(R.self) + range.lowerBound, c)
            }
        }
    }

    /// Where pieces of rows begin, and the end of the last: whole tiles, long pieces first and short ones last, so that
    /// threads end at about the same time.
    private func cuts(tileRows: Int) -> [Int] {
        let (fewest, most) = (Self.rowsInPiece.lowerBound / tileRows, Self.rowsInPiece.upperBound / tileRows)
        let tiles = (rows + tileRows - 1) / tileRows
        var cuts = [0]
        var done = 0
        while done < tiles {
            done += min(max((tiles - done) / 16, fewest), most)
            cuts.append(min(done * tileRows, rows))
        }
        return cuts
    }
}
