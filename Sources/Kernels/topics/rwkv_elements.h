// Gates and residuals of RWKV-4 and RWKV-7, and the readout of an RWKV-7 head.

static void FN(sigmoid_gate)(int64_t n, const REAL *gate, const REAL *x, REAL *y) {
    EACH_VECTOR(i, n, STORE(y, FN(vsigmoid)(LOAD(gate)) * LOAD(x));)
}

static void FN(sigmoid_gate_backward)(int64_t n, const REAL *gate, const REAL *x, const REAL *dy, REAL *dgate, REAL *dx) {
    EACH_VECTOR(i, n, {
        const V open = FN(vsigmoid)(LOAD(gate)), g = LOAD(dy);
        STORE(dgate, g * LOAD(x) * open * FN(vsigmoid)(-LOAD(gate)));
        STORE(dx, g * open);
    })
}

static void FN(value_residual)(int64_t n, const REAL *value, const REAL *first, const REAL *gate, REAL *y) {
    EACH_VECTOR(i, n, {
        const V v = LOAD(value);
        STORE(y, v + (LOAD(first) - v) * FN(vsigmoid)(LOAD(gate)));
    })
}

static void FN(value_residual_backward)(int64_t n, const REAL *value, const REAL *first, const REAL *gate, const REAL *dy,
                                        REAL *dvalue, REAL *dfirst, REAL *dgate) {
    EACH_VECTOR(i, n, {
        const V open = FN(vsigmoid)(LOAD(gate)), shut = FN(vsigmoid)(-LOAD(gate)), g = LOAD(dy);
        STORE(dgate, g * (LOAD(first) - LOAD(value)) * open * shut);
        STORE(dfirst, g * open);
        STORE(dvalue, g * shut);
    })
}

static void FN(replacement_key)(int64_t rows, int64_t width, const REAL *key, const REAL *rate, const REAL *share, REAL *y) {
    for (int64_t row = 0; row < rows; row++, key += width, rate += width, y += width) {
        EACH_VECTOR(i, width, STORE(y, LOAD(key) * (S(1) + (LOAD(rate) - S(1)) * LOAD(share)));)
    }
}

static void FN(replacement_key_backward)(int64_t rows, int64_t width, const REAL *key, const REAL *rate,
                                         const REAL *share, const REAL *dy, REAL *dkey, REAL *drate, REAL *dshare) {
    for (int64_t row = 0; row < rows; row++, key += width, rate += width, dy += width, dkey += width, drate += width) {
        EACH_VECTOR(i, width, {
            const V part = LOAD(share), less = LOAD(rate) - S(1), g = LOAD(dy), through = g * LOAD(key);
            STORE(dkey, g * (S(1) + less * part));
            STORE(drate, through * part);
            STORE(dshare, LOAD(dshare) + through * less);
        })
    }
}

/// Mean and 1 / deviation of one head's values.
INLINE void FN(head_moments)(int64_t size, const REAL *x, REAL epsilon, REAL *mean, REAL *inverse) {
    V sum = 0, squares = 0;
    EACH_VECTOR(i, size, sum += LOAD(x);)
    *mean = FN(sum_lanes)(sum) / (REAL)size;
    EACH_VECTOR(i, size, {
        const V centred = FN(first_lanes)(LOAD(x) - *mean, left, 0);
        squares += centred * centred;
    })
    *inverse = S(1) / __builtin_elementwise_sqrt(FN(sum_lanes)(squares) / (REAL)size + epsilon);
}

INLINE REAL FN(bonus_sum)(int64_t size, const REAL *r, const REAL *k, const REAL *bonus) {
    V sum = 0;
    EACH_VECTOR(i, size, sum += LOAD(r) * LOAD(k) * LOAD(bonus);)
    return FN(sum_lanes)(sum);
}

static void FN(wkv7_readout)(int64_t rows, int64_t heads, int64_t size, REAL epsilon, const REAL *x, const REAL *r,
                             const REAL *k, const REAL *v, const REAL *gate, const REAL *weight, const REAL *bias,
                             const REAL *bonus, REAL *y) {
    for (int64_t piece = 0; piece < rows * heads; piece++) {
        const int64_t at = piece * size, channel = piece % heads * size;
        REAL mean, inverse;
        FN(head_moments)(size, x + at, epsilon, &mean, &inverse);
        const REAL share = FN(bonus_sum)(size, r + at, k + at, bonus + channel);
        EACH_VECTOR(i, size, {
            const V normal = (LOAD(x + at) - mean) * inverse;
            STORE(y + at, (normal * LOAD(weight + channel) + LOAD(bias + channel) + share * LOAD(v + at)) * LOAD(gate + at));
        })
    }
}

static void FN(wkv7_readout_backward)(int64_t rows, int64_t heads, int64_t size, REAL epsilon, const REAL *x,
                                      const REAL *r, const REAL *k, const REAL *v, const REAL *gate, const REAL *weight,
                                      const REAL *bias, const REAL *bonus, const REAL *dy, REAL *dx, REAL *dr, REAL *dk,
                                      REAL *dv, REAL *dgate, REAL *dweight, REAL *dbias, REAL *dbonus) {
    for (int64_t piece = 0; piece < rows * heads; piece++) {
        const int64_t at = piece * size, channel = piece % heads * size;
        REAL mean, inverse;
        FN(head_moments)(size, x + at, epsilon, &mean, &inverse);
        const REAL share = FN(bonus_sum)(size, r + at, k + at, bonus + channel);
        V through_share = 0, through_mean = 0, through_size = 0;
        EACH_VECTOR(i, size, {
            const V normal = FN(first_lanes)((LOAD(x + at) - mean) * inverse, left, 0), w = LOAD(weight + channel);
            const V value = LOAD(v + at), open = LOAD(gate + at), g = LOAD(dy + at), inner = g * open;
            STORE(dgate + at, g * (normal * w + LOAD(bias + channel) + share * value));
            STORE(dv + at, inner * share);
            STORE(dbias + channel, LOAD(dbias + channel) + inner);
            STORE(dweight + channel, LOAD(dweight + channel) + inner * normal);
            through_share += inner * value;
            through_mean += inner * w;
            through_size += inner * w * normal;
        })
        const REAL slope = FN(sum_lanes)(through_share);
        const REAL level = FN(sum_lanes)(through_mean) / (REAL)size, spread = FN(sum_lanes)(through_size) / (REAL)size;
        EACH_VECTOR(i, size, {
            const V normal = (LOAD(x + at) - mean) * inverse, read = LOAD(r + at), key = LOAD(k + at), own = LOAD(bonus + channel);
            STORE(dx + at, (LOAD(dy + at) * LOAD(gate + at) * LOAD(weight + channel) - level - normal * spread) * inverse);
            STORE(dr + at, slope * key * own);
            STORE(dk + at, slope * read * own);
            STORE(dbonus + channel, LOAD(dbonus + channel) + slope * read * key);
        })
    }
}
