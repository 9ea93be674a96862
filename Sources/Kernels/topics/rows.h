// Broadcasts over rows, sums, largest values.

static void FN(add_row)(int64_t rows, int64_t width, const REAL *a, const REAL *b, REAL *y) {
    for (int64_t r = 0; r < rows; r++, a += width, y += width) {
        EACH_VECTOR(i, width, STORE(y, LOAD(a) + LOAD(b));)
    }
}

static void FN(multiply_row)(int64_t rows, int64_t width, const REAL *a, const REAL *b, REAL *y) {
    for (int64_t r = 0; r < rows; r++, a += width, y += width) {
        EACH_VECTOR(i, width, STORE(y, LOAD(a) * LOAD(b));)
    }
}

/// Four vectors of columns at a time stay in registers while the rows pass.
static void FN(accumulate_rows)(int64_t rows, int64_t width, const REAL *x, REAL *y) {
    int64_t c = 0;
    for (; c + 4 * LANES <= width; c += 4 * LANES) {
        V s0 = FN(load)(y + c), s1 = FN(load)(y + c + LANES);
        V s2 = FN(load)(y + c + 2 * LANES), s3 = FN(load)(y + c + 3 * LANES);
        const REAL *p = x + c;
        for (int64_t r = 0; r < rows; r++, p += width) {
            s0 += FN(load)(p);
            s1 += FN(load)(p + LANES);
            s2 += FN(load)(p + 2 * LANES);
            s3 += FN(load)(p + 3 * LANES);
        }
        FN(store)(y + c, s0);
        FN(store)(y + c + LANES, s1);
        FN(store)(y + c + 2 * LANES, s2);
        FN(store)(y + c + 3 * LANES, s3);
    }
    EACH_VECTOR(i, width - c, {
        V s = LOAD(y + c);
        const REAL *p = x + c;
        for (int64_t r = 0; r < rows; r++, p += width) s += LOAD(p);
        STORE(y + c, s);
    })
}

static void FN(sum_columns)(int64_t rows, int64_t width, const REAL *x, REAL *y) {
    for (int64_t r = 0; r < rows; r++, x += width) {
        V s = 0;
        EACH_VECTOR(i, width, s += LOAD(x);)
        y[r] = FN(sum_lanes)(s);
    }
}

INLINE REAL FN(row_largest)(int64_t width, const REAL *x) {
    V largest = (V)((REAL)-INFINITY);
    EACH_VECTOR(i, width, largest = FN(larger)(FN(first_lanes)(LOAD(x), left, -INFINITY), largest);)
    return FN(largest_lane)(largest);
}

static void FN(max_columns)(int64_t rows, int64_t width, const REAL *x, REAL *y) {
    for (int64_t r = 0; r < rows; r++, x += width) y[r] = FN(row_largest)(width, x);
}

typedef double FN(doubles) __attribute__((ext_vector_type(LANES)));

INLINE double FN(sum_doubles)(FN(doubles) v) {
    double s = 0;
    for (int lane = 0; lane < LANES; lane++) s += v[lane];
    return s;
}

static double FN(sum)(int64_t n, const REAL *x) {
    FN(doubles) s = 0;
    EACH_VECTOR(i, n, s += __builtin_convertvector(LOAD(x), FN(doubles));)
    return FN(sum_doubles)(s);
}

static double FN(sum_of_squares)(int64_t n, const REAL *x) {
    FN(doubles) s = 0;
    EACH_VECTOR(i, n, FN(doubles) v = __builtin_convertvector(LOAD(x), FN(doubles)); s += v * v;)
    return FN(sum_doubles)(s);
}

/// x - x is 0 for every finite x, and not a number for the rest; adding these up loses none of them.
static int32_t FN(all_finite)(int64_t n, const REAL *x) {
    V s = 0;
    EACH_VECTOR(i, n, V v = LOAD(x); s += v - v;)
    return FN(sum_lanes)(s) == 0;
}
