// Small matrix products on data that is already in the first cache: the inside of attention (included by its topics).
//
// Unlike BLAS nothing is packed: B's rows are read as vectors, A's elements are broadcast, whatever A's strides are.
// On tiles of 64 that is nearly all of what the processor can do, where a BLAS call spends half on packing.

/// `rows` x (`vectors` * LANES) of C, kept in registers; both are constants at every call.
INLINE void FN(tile_block)(const int rows, const int vectors, int64_t k, const REAL *a, int64_t a_row, int64_t a_column,
                           const REAL *b, int64_t ldb, int accumulate, REAL *c, int64_t ldc) {
    V sum[TILE_ROWS][TILE_VECTORS];
#pragma unroll
    for (int i = 0; i < rows; i++) {
#pragma unroll
        for (int v = 0; v < vectors; v++) sum[i][v] = accumulate ? FN(load)(c + i * ldc + v * LANES) : (V)(0);
    }
    for (int64_t l = 0; l < k; l++, a += a_column, b += ldb) {
        V row[TILE_VECTORS];
#pragma unroll
        for (int v = 0; v < vectors; v++) row[v] = FN(load)(b + v * LANES);
#pragma unroll
        for (int i = 0; i < rows; i++) {
            V value = (V)(a[i * a_row]);
#pragma unroll
            for (int v = 0; v < vectors; v++) sum[i][v] += value * row[v];
        }
    }
#pragma unroll
    for (int i = 0; i < rows; i++) {
#pragma unroll
        for (int v = 0; v < vectors; v++) FN(store)(c + i * ldc + v * LANES, sum[i][v]);
    }
}

/// The last columns of C, fewer than LANES, row by row.
static void FN(tile_edge)(int64_t m, int64_t count, int64_t k, const REAL *a, int64_t a_row, int64_t a_column,
                          const REAL *b, int64_t ldb, int accumulate, REAL *c, int64_t ldc) {
    for (int64_t i = 0; i < m; i++) {
        V sum = accumulate ? FN(load_part)(c + i * ldc, count) : (V)(0);
        for (int64_t l = 0; l < k; l++) sum += a[i * a_row + l * a_column] * FN(load_part)(b + l * ldb, count);
        FN(store_part)(c + i * ldc, sum, count);
    }
}

/// One column of blocks, with a block of its own size for the last rows.
INLINE void FN(tile_columns)(const int vectors, int64_t m, int64_t k, const REAL *a, int64_t a_row, int64_t a_column,
                             const REAL *b, int64_t ldb, int accumulate, REAL *c, int64_t ldc) {
    int64_t i = 0;
    for (; i + TILE_ROWS <= m; i += TILE_ROWS) {
        FN(tile_block)(TILE_ROWS, vectors, k, a + i * a_row, a_row, a_column, b, ldb, accumulate, c + i * ldc, ldc);
    }
    a += i * a_row;
    c += i * ldc;
    switch (m - i) {
#if TILE_ROWS > 2
    case 5: FN(tile_block)(5, vectors, k, a, a_row, a_column, b, ldb, accumulate, c, ldc); break;
    case 4: FN(tile_block)(4, vectors, k, a, a_row, a_column, b, ldb, accumulate, c, ldc); break;
    case 3: FN(tile_block)(3, vectors, k, a, a_row, a_column, b, ldb, accumulate, c, ldc); break;
    case 2: FN(tile_block)(2, vectors, k, a, a_row, a_column, b, ldb, accumulate, c, ldc); break;
#endif
    case 1: FN(tile_block)(1, vectors, k, a, a_row, a_column, b, ldb, accumulate, c, ldc); break;
    default: break;
    }
}

/// C[m, n] = (accumulate ? C : 0) + A[m, k] B[k, n] with A's element (i, l) at a[i * a_row + l * a_column].
static __attribute__((noinline, unused)) void FN(tile_product)(int64_t m, int64_t n, int64_t k, const REAL *a,
                                                               int64_t a_row, int64_t a_column, const REAL *b,
                                                               int64_t ldb, int accumulate, REAL *c, int64_t ldc) {
    int64_t j = 0;
#if TILE_VECTORS >= 4
    for (; j + 4 * LANES <= n; j += 4 * LANES) {
        FN(tile_columns)(4, m, k, a, a_row, a_column, b + j, ldb, accumulate, c + j, ldc);
    }
    for (; j + 2 * LANES <= n; j += 2 * LANES) {
        FN(tile_columns)(2, m, k, a, a_row, a_column, b + j, ldb, accumulate, c + j, ldc);
    }
#endif
    for (; j + LANES <= n; j += LANES) {
        FN(tile_columns)(1, m, k, a, a_row, a_column, b + j, ldb, accumulate, c + j, ldc);
    }
    if (j < n) FN(tile_edge)(m, n - j, k, a, a_row, a_column, b + j, ldb, accumulate, c + j, ldc);
}
