// The way back through attention, one query head at a time (FlashAttention-2, arXiv:2307.08691, algorithm 2).
//
// Tiles of 64 queries outside, of 64 keys inside. As on the way forward everything between is kept [key][query]:
// with P = exp(scale K Q^T - log-sum-exp) and dS = scale * P * (V dO^T - delta), delta = rows' sums of dO * O,
//   dV += P dO,   dK += dS Q,   dQ = dS^T K.
#include "../tile.h"
#include "../transpose.h"
#include "../tile_visibility.h"

/// Packed queries [K, 64] and output gradients [V, 64], two tiles [64, 64], dq [64, K], log-sum-exp and delta [64] each.
static int64_t FN(attention_backward_workspace)(int64_t queries, int64_t key_width, int64_t value_width) {
    (void)queries;
    return TILE_QUERIES * (2 * key_width + value_width + 2 * TILE_KEYS + 2);
}

/// P into `p` and dS into `d` (which hold scores and V dO^T) for one vector of queries and the keys [first, last).
INLINE void FN(attention_slopes)(int64_t first, int64_t last, int masked, int64_t tile_begin, const FN(lanes_seen) *seen,
                                 REAL scale, V shift, V delta, REAL *p, REAL *d) {
    for (int64_t key = first; key < last; key++) {
        V probability = FN(vexp2)(FN(load)(p + key * TILE_QUERIES) - shift);
        if (masked) probability = FN(visible)(seen, tile_begin + key) ? probability : (V)(0);
        V slope = scale * probability * (FN(load)(d + key * TILE_QUERIES) - delta);
        FN(store)(p + key * TILE_QUERIES, probability);
        FN(store)(d + key * TILE_QUERIES, slope);
    }
}

static void FN(attention_backward_tile)(int64_t queries, int64_t keys, int64_t key_width, int64_t value_width, REAL scale,
                                        const REAL *q, int64_t q_stride, const REAL *k, int64_t k_stride, const REAL *v,
                                        int64_t v_stride, const zk_visibility *visibility, const REAL *o,
                                        int64_t o_stride, const REAL *log_sum_exp, const REAL *d_o, int64_t do_stride,
                                        REAL *dq, int64_t dq_stride, REAL *dk, int64_t dk_stride, REAL *dv,
                                        int64_t dv_stride, REAL *workspace) {
    REAL *packed_q = workspace;                              // [K, 64]
    REAL *packed_do = packed_q + key_width * TILE_QUERIES;   // [V, 64]
    REAL *p = packed_do + value_width * TILE_QUERIES;        // [64 keys, 64 queries]
    REAL *d = p + TILE_KEYS * TILE_QUERIES;                  // [64 keys, 64 queries]
    REAL *gradient = d + TILE_KEYS * TILE_QUERIES;           // [64, K]
    REAL *shift = gradient + key_width * TILE_QUERIES;       // [64]
    REAL *delta = shift + TILE_QUERIES;                      // [64]
    const int64_t groups = (queries + LANES - 1) / LANES, lanes = groups * LANES;
    FN(pack_queries)(queries, lanes, key_width, scale * S(LOG2_E), q, q_stride, packed_q);
    FN(pack_queries)(queries, lanes, value_width, 1, d_o, do_stride, packed_do);
    FN(lanes_seen) seen[TILE_QUERIES / LANES];
    FN(gather_visibility)(queries, groups, keys, visibility, seen);
    for (int64_t r = 0; r < lanes; r++) {
        shift[r] = INFINITY;  // rows that see nothing, and lanes without a query: every probability is 0
        delta[r] = 0;
        if (r >= queries) continue;
        if (log_sum_exp[r] != (REAL)-INFINITY) shift[r] = log_sum_exp[r] * S(LOG2_E);
        const REAL *output = o + r * o_stride, *slope = d_o + r * do_stride;
        V sum = 0;
        EACH_VECTOR(i, value_width, sum += LOAD(output) * LOAD(slope);)
        delta[r] = FN(sum_lanes)(sum);
    }
    EACH_VECTOR(i, queries * key_width, STORE(gradient, (V)(0));)
    tile_range tile = {0};
    while (FN(next_tile)(groups, seen, &tile)) {
        for (int64_t g = 0; g < groups; g++) {
            // A tile that everybody sees is done in one piece, else each group of queries by itself.
            const int64_t first = tile.whole ? 0 : tile.first[g], last = tile.whole ? tile.end - tile.begin : tile.last[g];
            if (first >= last) continue;
            const int64_t count = last - first, lane = tile.whole ? 0 : g * LANES;
            const int64_t width = tile.whole ? lanes : LANES, left = queries - lane, rows = left < width ? left : width;
            const REAL *some_k = k + (tile.begin + first) * k_stride, *some_v = v + (tile.begin + first) * v_stride;
            REAL *some_p = p + first * TILE_QUERIES + lane, *some_d = d + first * TILE_QUERIES + lane;
            FN(tile_product)(count, width, key_width, some_k, k_stride, 1, packed_q + lane, TILE_QUERIES, 0, some_p, TILE_QUERIES);
            FN(tile_product)(count, width, value_width, some_v, v_stride, 1, packed_do + lane, TILE_QUERIES, 0, some_d, TILE_QUERIES);
            for (int64_t at = lane; at < lane + width; at += LANES) {
                V group_shift = FN(load)(shift + at), group_delta = FN(load)(delta + at);
                if (tile.full[g]) {
                    FN(attention_slopes)(first, last, 0, tile.begin, &seen[g], scale, group_shift, group_delta, p + at, d + at);
                } else {
                    FN(attention_slopes)(first, last, 1, tile.begin, &seen[g], scale, group_shift, group_delta, p + at, d + at);
                }
            }
            FN(tile_product)(count, value_width, rows, some_p, TILE_QUERIES, 1, d_o + lane * do_stride, do_stride, 1,
                             dv + (tile.begin + first) * dv_stride, dv_stride);
            FN(tile_product)(count, key_width, rows, some_d, TILE_QUERIES, 1, q + lane * q_stride, q_stride, 1,
                             dk + (tile.begin + first) * dk_stride, dk_stride);
            FN(tile_product)(rows, key_width, count, some_d, 1, TILE_QUERIES, some_k, k_stride, 1,
                             gradient + lane * key_width, key_width);
            if (tile.whole) break;
        }
    }
    for (int64_t r = 0; r < queries; r++) {
        const REAL *from = gradient + r * key_width;
        REAL *row = dq + r * dq_stride;
        EACH_VECTOR(i, key_width, STORE(row, LOAD(from));)
    }
}

static void FN(attention_backward)(int64_t queries, int64_t keys, int64_t key_width, int64_t value_width, REAL scale,
                                   const REAL *q, int64_t q_stride, const REAL *k, int64_t k_stride, const REAL *v,
                                   int64_t v_stride, const zk_visibility *visibility, const REAL *o, int64_t o_stride,
                                   const REAL *log_sum_exp, const REAL *d_o, int64_t do_stride, REAL *dq,
                                   int64_t dq_stride, REAL *dk, int64_t dk_stride, REAL *dv, int64_t dv_stride,
                                   REAL *workspace) {
    for (int64_t r = 0; r < queries; r += TILE_QUERIES) {
        int64_t count = queries - r < TILE_QUERIES ? queries - r : TILE_QUERIES;
        FN(attention_backward_tile)(count, keys, key_width, value_width, scale, q + r * q_stride, q_stride, k, k_stride,
                                    v, v_stride, visibility + r, o + r * o_stride, o_stride, log_sum_exp + r,
                                    d_o + r * do_stride, do_stride, dq + r * dq_stride, dq_stride, dk, dk_stride, dv,
                                    dv_stride, workspace);
    }
}
