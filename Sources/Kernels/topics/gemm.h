// Matrix products: OpenBLAS, and loops of our own where a product is so thin that reading the matrix is all the work.

#if IS_FLOAT
#define BLAS_GEMM cblas_sgemm
#else
#define BLAS_GEMM cblas_dgemm
#endif

/// Dot products of `count` (a constant up to 4) rows of `a` with x.
INLINE void FN(dot_rows)(int count, int64_t k, const REAL *a, int64_t lda, const REAL *x, REAL *y) {
    V sum[4] = {0, 0, 0, 0};
    int64_t c = 0;
    for (; c + LANES <= k; c += LANES) {
        V v = FN(load)(x + c);
        for (int r = 0; r < count; r++) sum[r] += FN(load)(a + r * lda + c) * v;
    }
    if (c < k) {
        V v = FN(load_part)(x + c, k - c);
        for (int r = 0; r < count; r++) sum[r] += FN(load_part)(a + r * lda + c, k - c) * v;
    }
    for (int r = 0; r < count; r++) y[r] = FN(sum_lanes)(sum[r]);
}

static void FN(gemv)(int64_t m, int64_t k, const REAL *a, int64_t lda, const REAL *x, REAL beta, REAL *y) {
    REAL dots[4];
    int64_t r = 0;
    for (; r + 4 <= m; r += 4) {
        FN(dot_rows)(4, k, a + r * lda, lda, x, dots);
        for (int i = 0; i < 4; i++) y[r + i] = beta == 0 ? dots[i] : beta * y[r + i] + dots[i];
    }
    for (; r < m; r++) {
        FN(dot_rows)(1, k, a + r * lda, lda, x, dots);
        y[r] = beta == 0 ? dots[0] : beta * y[r] + dots[0];
    }
}

/// C[m, n] = beta C + alpha A[m, k] B[n, k]^T for m up to 4: each row of B is read once.
static void FN(thin_product)(int64_t m, int64_t n, int64_t k, REAL alpha, const REAL *a, int64_t lda, const REAL *b,
                             int64_t ldb, REAL beta, REAL *c, int64_t ldc) {
    REAL dots[4];
    for (int64_t j = 0; j < n; j++, b += ldb) {
        switch (m) {
        case 1: FN(dot_rows)(1, k, a, lda, b, dots); break;
        case 2: FN(dot_rows)(2, k, a, lda, b, dots); break;
        case 3: FN(dot_rows)(3, k, a, lda, b, dots); break;
        default: FN(dot_rows)(4, k, a, lda, b, dots);
        }
        for (int64_t i = 0; i < m; i++) {
            REAL *target = c + i * ldc + j;
            *target = beta == 0 ? alpha * dots[i] : beta * *target + alpha * dots[i];
        }
    }
}

static void FN(gemm)(int32_t transpose_a, int32_t transpose_b, int64_t m, int64_t n, int64_t k, REAL alpha,
                     const REAL *a, int64_t lda, const REAL *b, int64_t ldb, REAL beta, REAL *c, int64_t ldc) {
    if (m <= 0 || n <= 0) return;
    if (!transpose_a && transpose_b && m <= 4) {
        if (m == 1 && alpha == 1) {
            FN(gemv)(n, k, b, ldb, a, beta, c);
        } else {
            FN(thin_product)(m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
        }
        return;
    }
    BLAS_GEMM(101, transpose_a ? 112 : 111, transpose_b ? 112 : 111, (int)m, (int)n, (int)k, alpha, a, (int)lda, b,
              (int)ldb, beta, c, (int)ldc);
}
#undef BLAS_GEMM
