internal import Kernels

/// Products in float32 by the kernel that packs the second matrix once for all pieces.
extension MatrixProduct {
    /// Rows of one tile of the kernel, and how many tiles of rows a piece has at most: their part of A stays in the second
    /// cache.
    private static let tileRows = 6, tilesInPiece = 22
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
        let rowsInPiece = self.rowsInPiece
        let workspace = transposeA ? Int(zk_packed_product_workspace(Int64(rowsInPiece), k)) : 0
        Execution.current.parallel(
            count: (rows + rowsInPiece - 1) / rowsInPiece, scratchBytes: workspace * MemoryLayout<Float>.size
        ) { piece, scratch in
            let row = piece * rowsInPiece
            let count = min(rowsInPiece, rows - row)
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

    /// Whole tiles of rows, so that an even number of pieces leaves the least to compute in tiles that are not full.
    private var rowsInPiece: Int {
        let tiles = (rows + Self.tileRows - 1) / Self.tileRows
        let fewest = (tiles + 2 * Self.tilesInPiece - 1) / (2 * Self.tilesInPiece) * 2
        let sizes = stride(from: fewest, through: 2 * fewest, by: 2).map { pieces in
            (tiles: (tiles + pieces - 1) / pieces, pieces: pieces)
        }
        let best = sizes.min { $0.tiles * $0.pieces < $1.tiles * $1.pieces }
        return (best?.tiles ?? tiles) * Self.tileRows
    }
}
