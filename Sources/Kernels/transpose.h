// Transposition of small pieces, in registers (included by the topics that pack).

#if IS_FLOAT
#define SQUARE 8
#else
#define SQUARE 4
#endif
typedef REAL FN(square_row) __attribute__((ext_vector_type(SQUARE)));
typedef REAL FN(square_row_unaligned) __attribute__((ext_vector_type(SQUARE), aligned(sizeof(REAL)), may_alias));

/// to[c][r] = factor * from[r][c] for SQUARE rows and columns: in each stage row pairs exchange halves, quarters, eighths.
INLINE void FN(transpose_square)(REAL factor, const REAL *from, int64_t from_stride, REAL *to, int64_t to_stride) {
    FN(square_row) a[SQUARE], b[SQUARE];
#pragma unroll
    for (int r = 0; r < SQUARE; r++) a[r] = factor * *(const FN(square_row_unaligned) *)(from + r * from_stride);
#if IS_FLOAT
#pragma unroll
    for (int r = 0; r < 8; r += 2) {
        b[r] = __builtin_shufflevector(a[r], a[r + 1], 0, 8, 2, 10, 4, 12, 6, 14);
        b[r + 1] = __builtin_shufflevector(a[r], a[r + 1], 1, 9, 3, 11, 5, 13, 7, 15);
    }
#pragma unroll
    for (int r = 0; r < 8; r += 4) {
#pragma unroll
        for (int i = r; i < r + 2; i++) {
            a[i] = __builtin_shufflevector(b[i], b[i + 2], 0, 1, 8, 9, 4, 5, 12, 13);
            a[i + 2] = __builtin_shufflevector(b[i], b[i + 2], 2, 3, 10, 11, 6, 7, 14, 15);
        }
    }
#pragma unroll
    for (int r = 0; r < 4; r++) {
        b[r] = __builtin_shufflevector(a[r], a[r + 4], 0, 1, 2, 3, 8, 9, 10, 11);
        b[r + 4] = __builtin_shufflevector(a[r], a[r + 4], 4, 5, 6, 7, 12, 13, 14, 15);
    }
#else
#pragma unroll
    for (int r = 0; r < 4; r += 2) {
        b[r] = __builtin_shufflevector(a[r], a[r + 1], 0, 4, 2, 6);
        b[r + 1] = __builtin_shufflevector(a[r], a[r + 1], 1, 5, 3, 7);
    }
#pragma unroll
    for (int r = 0; r < 2; r++) {
        a[r] = __builtin_shufflevector(b[r], b[r + 2], 0, 1, 4, 5);
        a[r + 2] = __builtin_shufflevector(b[r], b[r + 2], 2, 3, 6, 7);
    }
#pragma unroll
    for (int r = 0; r < 4; r++) b[r] = a[r];
#endif
#pragma unroll
    for (int r = 0; r < SQUARE; r++) *(FN(square_row_unaligned) *)(to + r * to_stride) = b[r];
}

/// to[c * to_stride + r] = factor * from[r * from_stride + c] for any number of rows and columns.
static __attribute__((unused)) void FN(transpose)(int64_t rows, int64_t columns, REAL factor, const REAL *from,
                                                  int64_t from_stride, REAL *to, int64_t to_stride) {
    int64_t r = 0;
    for (; r + SQUARE <= rows; r += SQUARE) {
        int64_t c = 0;
        for (; c + SQUARE <= columns; c += SQUARE) {
            FN(transpose_square)(factor, from + r * from_stride + c, from_stride, to + c * to_stride + r, to_stride);
        }
        for (; c < columns; c++) {
            for (int64_t i = r; i < r + SQUARE; i++) to[c * to_stride + i] = factor * from[i * from_stride + c];
        }
    }
    for (; r < rows; r++) {
        for (int64_t c = 0; c < columns; c++) to[c * to_stride + r] = factor * from[r * from_stride + c];
    }
}
#undef SQUARE
