internal import Kernels

/// Products in float32 by the kernel that packs the second matrix once for all pieces.
extension MatrixProduct {
    /// Rows of one tile of the kernel.
    private static let tileRows = 6
    /// Tiles of rows in a piece: enough of them to use what they read of B, so few that their part of A stays in the
    /// second cache.
    private static let tilesInPiece = 6...43
    /// Numbers that are packed in one piece: handing out less costs more than packing it.
    private static let packedInPiece = 1 << 15

    /// Whether packing pays: few rows would not use what was packed often enough.
    var isWorthPacking: Bool {
        matrices == 1 && rows >= 48 && columns >= 16 && inner >= 16 && rows * columns * inner >= 1 << 18
            && zk_packed_product_applies() != 0
    }

    /// y = op(A) op(B) (+ bias [columns] in each row), or y += op(A) op(B).
    func runPacked(into y: Tensor, _ accumulating: Bool, _ bias: Tensor?) {
        let (m, n, k) = (Int64(rows), Int64(columns), Int64(inner))
        let panels = Int(zk_packed_product_panels(n))
        let size = Int(zk_packed_product_size(n, k))
        let packed = Tensor(uninitialized: [size], .float32)
        let pieces = Swift.max(1, min(8, size / Self.packedInPiece))
        Execution.current.inRanges(panels, of: (panels + pieces - 1) / pieces) { range in
            zk_packed_product_pack(
                transposeB ? 1 : 0, n, k, b.input(Float.self), transposeB ? k : n, Int64(range.lowerBound),
                Int64(range.upperBound), packed.pointer(Float.self))
        }
        let cuts = self.cuts
        let workspace = transposeA ? Int(zk_packed_product_workspace(Int64(Self.tileRows * Self.tilesInPiece.upperBound), k)) : 0
        Execution.current.parallel(count: cuts.count - 1, scratchBytes: workspace * MemoryLayout<Float>.size) {
            piece, scratch in
            let row = cuts[piece]
            let count = cuts[piece + 1] - row
            let c = y.pointer(Float.self) + row * columns
            zk_packed_product(
                transposeA ? 1 : 0, Int64(count), n, k, a.input(Float.self) + (transposeA ? row : row * inner),
                transposeA ? m : k, packed.input(Float.self), accumulating ? 1 : 0, c, n,
                scratch.assumingMemoryBound(to: Float.self))
            guard let bias else { return }
            for index in 0..<count {
                Float.addValues(n, c + index * columns, bias.input(Float.self), c + index * columns)
            }
        }
    }

    /// Where pieces of rows begin, and the end of the last: whole tiles, long pieces first and short ones last, so that
    /// threads end at about the same time.
    private var cuts: [Int] {
        let tiles = (rows + Self.tileRows - 1) / Self.tileRows
        var cuts = [0]
        var done = 0
        while done < tiles {
            done += min(max((tiles - done) / 16, Self.tilesInPiece.lowerBound), Self.tilesInPiece.upperBound)
            cuts.append(min(done * Self.tileRows, rows))
        }
        return cuts
    }
}
