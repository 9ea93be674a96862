// The way back through the gated delta rule: chunks from the last to the first, each made again from the state it began
// with, while the gradient of the state it left (dS) comes in and that of the state it began with goes out.
//
// Names as in delta_rule_chunk.h. With w_i = D_last,i and x = dU after the triangular system, y = beta x = dr:
//   x_i = (P^T dO)_i + w_i (K dS)_i - sum over m > i of L_mi y_m,     dbeta_i = r_i . x_i,     dv = y,
//   dP = lower part of dO U^T,     dL = -(strictly lower part of y U^T),
//   dq = scale Gamma dO S^T + scale (dP D) K,     dk = scale (dP D)^T Q + w U dS^T - Gamma y S^T + (N + N^T) K, N = dL D.
// The logarithms of the decays enter through Gamma, D and w; what each of their sums gets is spread over its terms last.
#include "delta_rule_chunk.h"

static int64_t FN(delta_rule_backward_workspace)(int64_t key_width, int64_t value_width) {
    const int64_t wider = key_width > value_width ? key_width : value_width;
    return FN(delta_chunk_size)(key_width, value_width) + 3 * key_width * value_width
        + DELTA_CHUNK * (3 * value_width + wider + DELTA_CHUNK + 1);
}

/// row . other is added to `sum`, and row to `gradient`.
INLINE REAL FN(delta_add_row)(int64_t n, const REAL *row, const REAL *other, REAL *gradient) {
    V sum = 0;
    EACH_VECTOR(i, n, {
        V value = LOAD(row);
        sum += value * LOAD(other);
        STORE(gradient, LOAD(gradient) + value);
    })
    return FN(sum_lanes)(sum);
}

static void FN(delta_rule_backward)(int64_t tokens, int64_t key_width, int64_t value_width, REAL scale, const REAL *q,
                                    int64_t q_stride, const REAL *k, int64_t k_stride, const REAL *v, int64_t v_stride,
                                    const REAL *beta, const REAL *g, int64_t gate_stride, const REAL *checkpoints,
                                    const REAL *d_o, int64_t do_stride, REAL *dq, int64_t dq_stride, REAL *dk,
                                    int64_t dk_stride, REAL *dv, int64_t dv_stride, REAL *dbeta, REAL *dg,
                                    int64_t dgate_stride, REAL *workspace) {
    const int64_t size = key_width * value_width, wider = key_width > value_width ? key_width : value_width;
    FN(delta_chunk) c = FN(delta_chunk_in)(key_width, value_width, workspace);
    REAL *ds = workspace + FN(delta_chunk_size)(key_width, value_width);  // [K, V]
    REAL *ds_t = ds + size;                                               // [V, K]
    REAL *state_t = ds_t + size;                                          // [V, K]
    REAL *x = state_t + size;                                             // [chunk, V]: dU, then y
    REAL *u_t = x + DELTA_CHUNK * value_width;                            // [V, chunk]
    REAL *scaled = u_t + DELTA_CHUNK * value_width;                       // [chunk, V]
    REAL *temporary = scaled + DELTA_CHUNK * value_width;                 // [chunk, K or V]
    REAL *m = temporary + DELTA_CHUNK * wider;                            // [chunk, chunk]
    REAL *db = m + DELTA_CHUNK * DELTA_CHUNK;                             // [chunk]
    EACH_VECTOR(i, size, STORE(ds, (V)(0));)
    for (int64_t begin = (tokens - 1) / DELTA_CHUNK * DELTA_CHUNK; begin >= 0 && tokens > 0; begin -= DELTA_CHUNK) {
        const int64_t n = tokens - begin < DELTA_CHUNK ? tokens - begin : DELTA_CHUNK;
        const REAL *state = checkpoints + begin / DELTA_CHUNK * size;
        const REAL *q_c = q + begin * q_stride, *k_c = k + begin * k_stride, *do_c = d_o + begin * do_stride;
        const REAL *beta_c = beta + begin * gate_stride;
        REAL *dq_c = dq + begin * dq_stride, *dk_c = dk + begin * dk_stride, *dv_c = dv + begin * dv_stride;
        FN(delta_chunk_fill)(n, key_width, value_width, scale, q_c, q_stride, k_c, k_stride, v + begin * v_stride, v_stride,
                             beta_c, g ? g + begin * gate_stride : g, gate_stride, state, c);
        const REAL *w = c.decay + (n - 1) * DELTA_CHUNK;
        const REAL keep = c.gamma[n - 1];
        REAL last = keep * FN(dot)(size, state, ds);  // what the sum of all logarithms gets
        FN(transpose)(key_width, value_width, 1, state, value_width, state_t, key_width);
        FN(transpose)(key_width, value_width, 1, ds, value_width, ds_t, key_width);
        FN(transpose)(n, value_width, 1, c.u, value_width, u_t, DELTA_CHUNK);

        // dU before the triangular system, and w's share.
        FN(tile_product)(n, value_width, key_width, k_c, k_stride, 1, ds, value_width, 0, x, value_width);
        for (int64_t t = 0; t < n; t++) {
            REAL *x_t = x + t * value_width, *u = c.u + t * value_width, *weighted = scaled + t * value_width;
            const REAL weight = w[t], share = weight * FN(dot)(value_width, x_t, u);
            last += share;
            db[t] = -share;
            EACH_VECTOR(i, value_width, {
                STORE(x_t, weight * LOAD(x_t));
                STORE(weighted, weight * LOAD(u));
            })
        }
        FN(tile_product)(n, key_width, value_width, scaled, value_width, 1, ds_t, key_width, 1, dk_c, dk_stride);
        FN(tile_product)(n, value_width, n, c.p, 1, DELTA_CHUNK, do_c, do_stride, 1, x, value_width);
        for (int64_t t = n - 1; t >= 0; t--) {
            REAL *x_t = x + t * value_width, *r = c.r + t * value_width, *dv_t = dv_c + t * dv_stride;
            const REAL rate = beta_c[t * gate_stride];
            V sum = 0;
            EACH_VECTOR(i, value_width, {
                V slope = LOAD(x_t);
                for (int64_t later = t + 1; later < n; later++) {
                    slope -= c.l[later * DELTA_CHUNK + t] * LOAD(x + later * value_width);
                }
                sum += slope * LOAD(r);
                STORE(x_t, rate * slope);
                STORE(dv_t, rate * slope);
            })
            dbeta[(begin + t) * dgate_stride] = FN(sum_lanes)(sum);
        }

        // Through P: dq, dk and the decays in D.
        FN(tile_product)(n, n, value_width, do_c, do_stride, 1, u_t, DELTA_CHUNK, 0, m, DELTA_CHUNK);
        for (int64_t t = 0; t < n; t++) {
            REAL *slope = m + t * DELTA_CHUNK, *p = c.p + t * DELTA_CHUNK, *decay = c.decay + t * DELTA_CHUNK, sum = 0;
            for (int64_t j = 0; j <= t; j++) {
                const REAL share = slope[j] * p[j];
                sum += share;
                db[j] -= share;
                slope[j] *= scale * decay[j];
            }
            for (int64_t j = t + 1; j < n; j++) slope[j] = 0;
            db[t] += sum;
        }
        FN(tile_product)(n, key_width, n, m, DELTA_CHUNK, 1, k_c, k_stride, 1, dq_c, dq_stride);
        FN(tile_product)(n, key_width, n, m, 1, DELTA_CHUNK, q_c, q_stride, 1, dk_c, dk_stride);

        // Through L.
        FN(tile_product)(n, n, value_width, x, value_width, 1, u_t, DELTA_CHUNK, 0, m, DELTA_CHUNK);
        for (int64_t t = 0; t < n; t++) {
            REAL *slope = m + t * DELTA_CHUNK, *l = c.l + t * DELTA_CHUNK, *decay = c.decay + t * DELTA_CHUNK, sum = 0;
            for (int64_t j = 0; j < t; j++) {
                const REAL share = -slope[j] * l[j];
                sum += share;
                db[j] -= share;
                slope[j] *= -decay[j];
            }
            for (int64_t j = t; j < n; j++) slope[j] = 0;
            db[t] += sum;
        }
        FN(tile_product)(n, key_width, n, m, DELTA_CHUNK, 1, k_c, k_stride, 1, dk_c, dk_stride);
        FN(tile_product)(n, key_width, n, m, 1, DELTA_CHUNK, k_c, k_stride, 1, dk_c, dk_stride);

        // Through the state that the chunk began with.
        EACH_VECTOR(i, size, STORE(ds, keep * LOAD(ds));)
        for (int64_t t = 0; t < n; t++) {
            const REAL factor = scale * c.gamma[t], *from = do_c + t * do_stride;
            REAL *to = scaled + t * value_width;
            EACH_VECTOR(i, value_width, STORE(to, factor * LOAD(from));)
        }
        FN(tile_product)(key_width, value_width, n, q_c, 1, q_stride, scaled, value_width, 1, ds, value_width);
        FN(tile_product)(n, key_width, value_width, scaled, value_width, 1, state_t, key_width, 0, temporary, key_width);
        for (int64_t t = 0; t < n; t++) {
            db[t] += FN(delta_add_row)(key_width, temporary + t * key_width, q_c + t * q_stride, dq_c + t * dq_stride);
        }
        for (int64_t t = 0; t < n; t++) {
            const REAL factor = -c.gamma[t];
            REAL *y = x + t * value_width;
            EACH_VECTOR(i, value_width, STORE(y, factor * LOAD(y));)
        }
        FN(tile_product)(key_width, value_width, n, k_c, 1, k_stride, x, value_width, 1, ds, value_width);
        FN(tile_product)(n, key_width, value_width, x, value_width, 1, state_t, key_width, 0, temporary, key_width);
        for (int64_t t = 0; t < n; t++) {
            db[t] += FN(delta_add_row)(key_width, temporary + t * key_width, k_c + t * k_stride, dk_c + t * dk_stride);
        }
        if (!dg) continue;
        for (int64_t t = n - 1; t >= 0; t--) {
            last += db[t];
            dg[(begin + t) * dgate_stride] = last;
        }
    }
}
