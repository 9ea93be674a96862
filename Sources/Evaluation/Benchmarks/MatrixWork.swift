import Kernels
import SequenceModel

/// C = op(A) op(B) cut into pieces as the tensor library cuts it: the second matrix packed once where the processor has
/// that kernel, else a BLAS call for each block of rows.
struct MatrixWork {
    let a: AlignedBuffer, b: AlignedBuffer, c: AlignedBuffer
    let rows: Int, columns: Int, inner: Int
    let transposeA: Bool, transposeB: Bool
    private let rowsInPiece: Int
    private let isPacked: Bool
    private let packed: AlignedBuffer
    /// One for each piece.
    private let workspaces: AlignedBuffer
    private let workspaceCount: Int

    init(
        a: AlignedBuffer, b: AlignedBuffer, c: AlignedBuffer, rows: Int, columns: Int, inner: Int,
        transposeA: Bool = false, transposeB: Bool = false
    ) {
        (self.a, self.b, self.c) = (a, b, c)
        (self.rows, self.columns, self.inner) = (rows, columns, inner)
        (self.transposeA, self.transposeB) = (transposeA, transposeB)
        isPacked = zk_packed_product_rows_f32() > 0
        // A few whole tiles; a transposed A has few rows and a long sum in each.
        rowsInPiece = transposeA ? 60 : 132
        let pieces = (rows + rowsInPiece - 1) / rowsInPiece
        packed = AlignedBuffer(
            max(1, Int(zk_packed_product_size_f32(Int64(columns), Int64(inner)))), filledWith: 0)
        workspaceCount = transposeA ? Int(zk_packed_product_workspace_f32(Int64(rowsInPiece), Int64(inner))) : 0
        workspaces = AlignedBuffer(max(1, pieces * workspaceCount), filledWith: 0)
    }

    func run(_ services: any HostServices) {
        let (m, n, k) = (Int64(rows), Int64(columns), Int64(inner))
        if isPacked {
            let panels = Int(zk_packed_product_panels_f32(n))
            let share = (panels + 7) / 8
            services.inParallel((panels + share - 1) / share) { piece in
                zk_packed_product_pack_f32(
                    transposeB ? 1 : 0, n, k, b.base, transposeB ? k : n, Int64(piece * share),
                    Int64(min(panels, (piece + 1) * share)), packed.base)
            }
        }
        services.inParallel((rows + rowsInPiece - 1) / rowsInPiece) { piece in
            let row = piece * rowsInPiece
            let count = Int64(min(rowsInPiece, rows - row))
            let from = a.base + (transposeA ? row : row * inner)
            let to = c.base + row * columns
            if isPacked {
                zk_packed_product_f32(
                    transposeA ? 1 : 0, count, n, k, from, transposeA ? m : k, packed.base, 0, to, n,
                    workspaces.base + piece * workspaceCount)
            } else {
                zk_gemm_f32(
                    transposeA ? 1 : 0, transposeB ? 1 : 0, count, n, k, 1, from, transposeA ? m : k, b.base,
                    transposeB ? k : n, 0, to, n)
            }
        }
    }
}
