// One chunk of state-space duality: matrices with rows of SSD_CHUNK.

/// Rows of D below and on the diagonal, and e.
static void FN(ssd_decays)(int64_t count, const REAL *decay, int64_t stride, REAL *decays, REAL *since) {
    REAL all = 1;
    for (int64_t t = 0; t < count; t++) {
        const REAL keep = decay[t * stride];
        REAL *row = decays + t * SSD_CHUNK;
        const REAL *above = row - SSD_CHUNK;
        EACH_VECTOR(i, t, STORE(row, LOAD(above) * keep);)
        row[t] = 1;
        all *= keep;
        since[t] = all;
    }
}

/// Row `t` of the product value by value, zeros behind the diagonal.
INLINE void FN(ssd_mask)(int64_t t, int64_t count, const REAL *decays, const REAL *met, REAL *weights) {
    EACH_VECTOR(i, t + 1, STORE(weights, LOAD(decays) * LOAD(met));)
    for (int64_t s = t + 1; s < count; s++) weights[s] = 0;
}

/// Sum of the products of two rows.
INLINE REAL FN(ssd_dot)(int64_t n, const REAL *a, const REAL *b) {
    V sum = 0;
    EACH_VECTOR(i, n, sum += LOAD(a) * LOAD(b);)
    return FN(sum_lanes)(sum);
}

/// y += factor * x
INLINE void FN(ssd_add)(int64_t n, REAL factor, const REAL *x, REAL *y) {
    EACH_VECTOR(i, n, STORE(y, LOAD(y) + LOAD(x) * factor);)
}
