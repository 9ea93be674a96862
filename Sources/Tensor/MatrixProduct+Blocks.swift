/// Matrix products of one or many pairs, cut into pieces that depend on the shapes alone, each over the whole inner
/// extent, so that no sum is split: by a kernel of our own where it is known to be faster, else by a single-threaded BLAS
/// call for each block.
struct MatrixProduct {
    let a: Tensor, b: Tensor
    let transposeA: Bool, transposeB: Bool
    /// Number of matrices, and of rows and columns of each product; `inner` is what is summed over.
    let matrices: Int, rows: Int, columns: Int, inner: Int

    init(_ a: Tensor, _ b: Tensor, _ transposeA: Bool, _ transposeB: Bool) {
        (self.a, self.b, self.transposeA, self.transposeB) = (a, b, transposeA, transposeB)
        matrices = a.shape.dropLast(2).reduce(1, *)
        rows = a.extent(transposeA ? -1 : -2)
        columns = b.extent(transposeB ? -2 : -1)
        inner = a.extent(transposeA ? -2 : -1)
    }

    /// y = op(A) op(B) (+ bias [columns] in each row), or y += op(A) op(B).
    func run(into y: Tensor, accumulating: Bool = false, bias: Tensor? = nil) {
        y.scalarType == .float32
            ? run(Float.self, into: y, accumulating, bias) : run(Double.self, into: y, accumulating, bias)
    }

    private func run<R: Real>(_: R.Type, into y: Tensor, _ accumulating: Bool, _ bias: Tensor?) {
        if isWorthPacking(R.self) { return runPacked(R.self, into: y, accumulating, bias) }
        let block = blockShape()
        let across = (columns + block.columns - 1) / Swift.max(1, block.columns)
        let perMatrix = (rows + block.rows - 1) / Swift.max(1, block.rows) * across
        let (strideA, strideB) = (transposeA ? rows : inner, transposeB ? inner : columns)
        Execution.current.parallel(count: matrices * perMatrix) { piece in
            let (matrix, place) = piece.quotientAndRemainder(dividingBy: perMatrix)
            let row = place / across * block.rows, column = place % across * block.columns
            let m = min(block.rows, rows - row), n = min(block.columns, columns - column)
            let a = self.a.input(R.self) + matrix * rows * inner + (transposeA ? row : row * inner)
            let b = self.b.input(R.self) + matrix * inner * columns + (transposeB ? column * inner : column)
            let c = y.pointer(R.self) + (matrix * rows + row) * columns + column
            R.gemm(
                transposeA ? 1 : 0, transposeB ? 1 : 0, Int64(m), Int64(n), Int64(inner), 1, a, Int64(strideA), b,
                Int64(strideB), accumulating ? 1 : 0, c, Int64(columns))
            guard let bias else { return }
            for row in 0..<m {
                let c = c + row * columns
                R.addValues(Int64(n), c, bias.input(R.self) + column, c)
            }
        }
    }

    /// At least four blocks where there is work for them, of at most 512 rows, as square as they come.
    private func blockShape() -> (rows: Int, columns: Int) {
        guard rows * columns * inner > 1 << 20 else { return (Swift.max(1, rows), Swift.max(1, columns)) }
        func cut(_ extent: Int, _ parts: Int) -> Int { ((extent + parts - 1) / parts + 15) & ~15 }
        var block = (rows: cut(rows, (rows + 511) / 512), columns: columns)
        func pieces() -> Int {
            matrices * ((rows + block.rows - 1) / block.rows) * ((columns + block.columns - 1) / block.columns)
        }
        while pieces() < 4, Swift.max(block.rows, block.columns) >= 64 {
            if block.rows >= block.columns {
                block.rows = cut(block.rows, 2)
            } else {
                block.columns = cut(block.columns, 2)
            }
        }
        return block
    }

    /// y = x Wᵀ (+ bias) for a few rows of x: bound by reading W, which is cut into blocks of its rows.
    func runByVectors(into y: Tensor, _ bias: Tensor?) {
        y.scalarType == .float32 ? runByVectors(Float.self, into: y, bias) : runByVectors(Double.self, into: y, bias)
    }

    private func runByVectors<R: Real>(_: R.Type, into y: Tensor, _ bias: Tensor?) {
        let perPiece = Swift.max(16, (1 << 16) / Swift.max(1, inner) & ~15)
        Execution.current.inRanges(columns, of: perPiece) { range in
            for row in 0..<rows {
                let y = y.pointer(R.self) + row * columns + range.lowerBound
                R.gemv(
                    Int64(range.count), Int64(inner), b.input(R.self) + range.lowerBound * inner, Int64(inner),
                    a.input(R.self) + row * inner, 0, y)
                if let bias { R.addValues(Int64(range.count), y, bias.input(R.self) + range.lowerBound, y) }
            }
        }
    }
}
