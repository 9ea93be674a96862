// Rows picked out of a table, and their gradients put back.

static void FN(gather_rows)(int64_t rows, int64_t width, const REAL *table, int64_t table_rows, const int32_t *index,
                            REAL *y) {
    for (int64_t r = 0; r < rows; r++, y += width) {
        if (index[r] >= 0 && index[r] < table_rows) {
            __builtin_memcpy(y, table + index[r] * width, (size_t)width * sizeof(REAL));
        } else {
            __builtin_memset(y, 0, (size_t)width * sizeof(REAL));
        }
    }
}

static void FN(scatter_rows)(int64_t rows, int64_t width, const REAL *dy, int64_t dy_stride, int64_t table_rows,
                             const int32_t *index, REAL *dtable, int64_t table_stride) {
    for (int64_t r = 0; r < rows; r++, dy += dy_stride) {
        if (index[r] < 0 || index[r] >= table_rows) continue;
        REAL *target = dtable + index[r] * table_stride;
        EACH_VECTOR(i, width, STORE(target, LOAD(target) + LOAD(dy));)
    }
}
