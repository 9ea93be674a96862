// y = silu(gate) * up, row by row.

static void FN(swiglu)(int64_t rows, int64_t width, const REAL *gate, const REAL *up, int64_t x_stride, REAL *y,
                       int64_t y_stride) {
    for (int64_t r = 0; r < rows; r++, gate += x_stride, up += x_stride, y += y_stride) {
        EACH_VECTOR(i, width, V g = LOAD(gate); STORE(y, g * FN(vsigmoid)(g) * LOAD(up));)
    }
}

static void FN(swiglu_backward)(int64_t rows, int64_t width, const REAL *gate, const REAL *up, int64_t x_stride,
                                const REAL *dy, int64_t y_stride, REAL *dgate, REAL *dup, int64_t dx_stride) {
    for (int64_t r = 0; r < rows; r++) {
        EACH_VECTOR(i, width, {
            V g = LOAD(gate);
            V d = LOAD(dy);
            V s = FN(vsigmoid)(g);
            V silu = g * s;
            V du = d * silu;
            V dg = d * LOAD(up) * (s + silu * (S(1) - s));
            STORE(dup, du);
            STORE(dgate, dg);
        })
        gate += x_stride, up += x_stride, dy += y_stride, dgate += dx_stride, dup += dx_stride;
    }
}
