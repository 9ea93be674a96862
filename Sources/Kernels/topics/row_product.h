// A row times a matrix whose rows are inputs: each row of the matrix is read once, lanes are outputs.

INLINE void FN(row_product_tile)(int count, int64_t inputs, const REAL *x, const REAL *matrix, int64_t stride, REAL *y) {
    V sums[4] = {0, 0, 0, 0};
    for (int64_t c = 0; c < inputs; c++, matrix += stride) {
        for (int tile = 0; tile < count; tile++) sums[tile] += x[c] * FN(load)(matrix + tile * LANES);
    }
    for (int tile = 0; tile < count; tile++) FN(store)(y + tile * LANES, sums[tile]);
}

static void FN(row_product)(int64_t inputs, int64_t outputs, const REAL *x, const REAL *matrix, int64_t stride, REAL *y) {
    int64_t i = 0;
    for (; i + 4 * LANES <= outputs; i += 4 * LANES) FN(row_product_tile)(4, inputs, x, matrix + i, stride, y + i);
    for (; i + LANES <= outputs; i += LANES) FN(row_product_tile)(1, inputs, x, matrix + i, stride, y + i);
    if (i < outputs) {
        const int64_t left = outputs - i;
        V sum = 0;
        for (int64_t c = 0; c < inputs; c++) sum += x[c] * LOAD(matrix + c * stride);
        STORE(y, sum);
    }
}
