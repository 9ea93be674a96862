// Elementwise arithmetic. y may be an operand: every vector is read before it is written.

static void FN(fill)(int64_t n, REAL value, REAL *y) {
    EACH_VECTOR(i, n, STORE(y, (V)(value));)
}

static void FN(add)(int64_t n, const REAL *a, const REAL *b, REAL *y) {
    EACH_VECTOR(i, n, STORE(y, LOAD(a) + LOAD(b));)
}

static void FN(subtract)(int64_t n, const REAL *a, const REAL *b, REAL *y) {
    EACH_VECTOR(i, n, STORE(y, LOAD(a) - LOAD(b));)
}

static void FN(multiply)(int64_t n, const REAL *a, const REAL *b, REAL *y) {
    EACH_VECTOR(i, n, STORE(y, LOAD(a) * LOAD(b));)
}

static void FN(divide)(int64_t n, const REAL *a, const REAL *b, REAL *y) {
    EACH_VECTOR(i, n, STORE(y, LOAD(a) / LOAD(b));)
}

static void FN(scale)(int64_t n, REAL factor, const REAL *x, REAL *y) {
    EACH_VECTOR(i, n, STORE(y, factor * LOAD(x));)
}

static void FN(add_scalar)(int64_t n, REAL value, const REAL *x, REAL *y) {
    EACH_VECTOR(i, n, STORE(y, LOAD(x) + value);)
}

static void FN(accumulate)(int64_t n, REAL factor, const REAL *x, REAL *y) {
    EACH_VECTOR(i, n, STORE(y, LOAD(y) + factor * LOAD(x));)
}

static void FN(accumulate_product)(int64_t n, const REAL *a, const REAL *b, REAL *y) {
    EACH_VECTOR(i, n, STORE(y, LOAD(y) + LOAD(a) * LOAD(b));)
}
