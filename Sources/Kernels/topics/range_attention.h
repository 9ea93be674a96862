// Attention in which each query sees one short run of keys of its own: a patch's queries its bytes, a byte its patch's latents.
//
// Runs are a few keys long, so a tile of 64 keys would be nearly all hidden; and what a query gives must not depend, in its last
// bit, on which queries stand beside it. So queries go one by one, with the softmax of the runs kept as it grows.

INLINE REAL FN(range_dot)(int64_t width, const REAL *a, const REAL *b) {
    V sum = 0;
    EACH_VECTOR(i, width, sum += LOAD(a) * LOAD(b);)
    return FN(sum_lanes)(sum);
}

static void FN(range_attention)(int64_t queries, int64_t key_width, int64_t value_width, REAL scale, const REAL *q,
                                int64_t q_stride, const REAL *k, int64_t k_stride, const REAL *v, int64_t v_stride,
                                const int32_t *range, REAL *o, int64_t o_stride, REAL *log_sum_exp, int64_t sum_stride) {
    for (int64_t r = 0; r < queries; r++, q += q_stride, o += o_stride, range += 2) {
        REAL largest = -INFINITY, sum = 0;
        EACH_VECTOR(i, value_width, STORE(o, (V)(0));)
        for (int64_t key = range[0]; key < range[1]; key++) {
            const REAL score = scale * FN(range_dot)(key_width, q, k + key * k_stride);
            REAL weight = 1;
            if (score > largest) {
                const REAL shrink = (REAL)exp((double)(largest - score));
                sum *= shrink;
                EACH_VECTOR(i, value_width, STORE(o, LOAD(o) * shrink);)
                largest = score;
            } else {
                weight = (REAL)exp((double)(score - largest));
            }
            sum += weight;
            const REAL *value = v + key * v_stride;
            EACH_VECTOR(i, value_width, STORE(o, LOAD(o) + weight * LOAD(value));)
        }
        const REAL inverse = sum > 0 ? 1 / sum : 0;
        EACH_VECTOR(i, value_width, STORE(o, LOAD(o) * inverse);)
        log_sum_exp[r * sum_stride] = sum > 0 ? largest + (REAL)log((double)sum) : (REAL)-INFINITY;
    }
}

static void FN(range_attention_backward)(int64_t queries, int64_t key_width, int64_t value_width, REAL scale,
                                         const REAL *q, int64_t q_stride, const REAL *k, int64_t k_stride, const REAL *v,
                                         int64_t v_stride, const int32_t *range, const REAL *o, int64_t o_stride,
                                         const REAL *log_sum_exp, int64_t sum_stride, const REAL *d_o, int64_t do_stride,
                                         REAL *dq, int64_t dq_stride, REAL *dk, int64_t dk_stride, REAL *dv,
                                         int64_t dv_stride) {
    for (int64_t r = 0; r < queries; r++, q += q_stride, o += o_stride, d_o += do_stride, dq += dq_stride, range += 2) {
        EACH_VECTOR(i, key_width, STORE(dq, (V)(0));)
        const REAL along = FN(range_dot)(value_width, o, d_o);
        for (int64_t key = range[0]; key < range[1]; key++) {
            const REAL *row = k + key * k_stride, *value = v + key * v_stride;
            REAL *drow = dk + key * dk_stride, *dvalue = dv + key * dv_stride;
            const REAL weight = (REAL)exp((double)(scale * FN(range_dot)(key_width, q, row) - log_sum_exp[r * sum_stride]));
            EACH_VECTOR(i, value_width, STORE(dvalue, LOAD(dvalue) + weight * LOAD(d_o));)
            const REAL slope = scale * weight * (FN(range_dot)(value_width, d_o, value) - along);
            EACH_VECTOR(i, key_width, {
                STORE(dq, LOAD(dq) + slope * LOAD(row));
                STORE(drow, LOAD(drow) + slope * LOAD(q));
            })
        }
    }
}
