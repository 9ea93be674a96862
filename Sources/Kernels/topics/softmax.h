// Softmax, log-sum-exp and cross-entropy of rows. A row of minus infinities has log-sum-exp minus infinity; its softmax
// is not a number, as everywhere.

INLINE REAL FN(row_largest)(int64_t width, const REAL *x) {
    V first = (V)((REAL)-INFINITY), second = first;
    int64_t c = 0;
    for (; c + 2 * LANES <= width; c += 2 * LANES) {
        first = FN(larger)(FN(load)(x + c), first);
        second = FN(larger)(FN(load)(x + c + LANES), second);
    }
    EACH_VECTOR(i, width - c, first = FN(larger)(FN(first_lanes)(LOAD(x + c), left, -INFINITY), first);)
    return FN(largest_lane)(FN(larger)(first, second));
}

/// y = exp(x - shift), and the sum of y. y may be x.
INLINE REAL FN(row_exp)(int64_t width, REAL shift, const REAL *x, REAL *y) {
    V sum = 0;
    EACH_VECTOR(i, width, V e = FN(vexp)(LOAD(x) - shift); STORE(y, e); sum += FN(first_lanes)(e, left, 0);)
    return FN(sum_lanes)(sum);
}

/// The sum of exp(x - shift).
INLINE REAL FN(row_exp_sum)(int64_t width, REAL shift, const REAL *x) {
    V sum = 0;
    EACH_VECTOR(i, width, sum += FN(first_lanes)(FN(vexp)(LOAD(x) - shift), left, 0);)
    return FN(sum_lanes)(sum);
}

INLINE REAL FN(row_log_sum_exp)(int64_t width, const REAL *x) {
    REAL largest = FN(row_largest)(width, x);
    // All minus infinity: subtracting would give a not-a-number where the logarithm of 0 is meant.
    REAL shift = largest == (REAL)-INFINITY ? 0 : largest;
    return shift + (REAL)log((double)FN(row_exp_sum)(width, shift, x));
}

static void FN(softmax)(int64_t rows, int64_t width, const REAL *x, REAL *y) {
    for (int64_t r = 0; r < rows; r++, x += width, y += width) {
        REAL factor = 1 / FN(row_exp)(width, FN(row_largest)(width, x), x, y);
        EACH_VECTOR(i, width, STORE(y, LOAD(y) * factor);)
    }
}

static void FN(softmax_backward)(int64_t rows, int64_t width, const REAL *y, const REAL *dy, REAL *dx) {
    for (int64_t r = 0; r < rows; r++, y += width, dy += width, dx += width) {
        V sum = 0;
        EACH_VECTOR(i, width, sum += LOAD(y) * LOAD(dy);)
        REAL dot = FN(sum_lanes)(sum);
        EACH_VECTOR(i, width, STORE(dx, LOAD(y) * (LOAD(dy) - dot));)
    }
}

static void FN(log_sum_exp)(int64_t rows, int64_t width, const REAL *x, REAL *y) {
    for (int64_t r = 0; r < rows; r++, x += width) y[r] = FN(row_log_sum_exp)(width, x);
}

static void FN(cross_entropy)(int64_t rows, int64_t vocabulary, const REAL *logits, const int32_t *target, REAL *loss) {
    for (int64_t r = 0; r < rows; r++, logits += vocabulary) {
        loss[r] = target[r] < 0 ? 0 : FN(row_log_sum_exp)(vocabulary, logits) - logits[target[r]];
    }
}

static void FN(cross_entropy_gradient)(int64_t rows, int64_t vocabulary, REAL *logits, const int32_t *target,
                                       const REAL *weight, REAL *loss) {
    for (int64_t r = 0; r < rows; r++, logits += vocabulary) {
        if (target[r] < 0) {
            loss[r] = 0;
            EACH_VECTOR(i, vocabulary, STORE(logits, (V)(0));)
            continue;
        }
        REAL largest = FN(row_largest)(vocabulary, logits);
        REAL chosen = logits[target[r]];
        REAL sum = FN(row_exp)(vocabulary, largest, logits, logits);
        loss[r] = (largest - chosen) + (REAL)log((double)sum);
        REAL factor = weight[r] / sum;
        EACH_VECTOR(i, vocabulary, STORE(logits, LOAD(logits) * factor);)
        logits[target[r]] -= weight[r];
    }
}
