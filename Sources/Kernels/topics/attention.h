// Attention with online softmax, one query head at a time (FlashAttention-2, arXiv:2307.08691, algorithm 1).
//
// Scores are kept transposed, [key][query], for tiles of 64 keys and 64 queries: then queries are lanes, the largest
// score and the sum need no work across lanes, and both products read K and V where they lie; only the queries are
// packed, once. Powers of two instead of e: the factor log2(e) goes into the queries.
#include "../tile.h"
#include "../transpose.h"
#include "../tile_visibility.h"
#include "attention_few.h"

/// Packed queries [K, 64], scores [64, 64], output [64, V], largest, sum and factor [64] each.
static int64_t FN(attention_workspace)(int64_t key_width, int64_t value_width) {
    return TILE_QUERIES * (key_width + TILE_KEYS + value_width + 3);
}

/// One vector of queries against the tile's keys [first, last): scores become probabilities relative to the new
/// largest score; returns whether that grew, in which case `factor` shrinks what was summed before.
INLINE int FN(attention_softmax)(int64_t first, int64_t last, int masked, int64_t tile_begin, const FN(lanes_seen) *seen,
                                 REAL *scores, REAL *largest, REAL *sum, REAL *factor) {
    V before = FN(load)(largest), top = before, low = (V)((REAL)-INFINITY);
    for (int64_t key = first; key < last; key++) {
        V s = FN(load)(scores + key * TILE_QUERIES);
        if (masked) {
            s = FN(visible)(seen, tile_begin + key) ? s : low;
            FN(store)(scores + key * TILE_QUERIES, s);
        }
        top = FN(larger)(s, top);
    }
    // Where nothing has been seen yet the largest is minus infinity, and is not subtracted.
    V shift = top == low ? (V)(0) : top;
    V total = 0;
    for (int64_t key = first; key < last; key++) {
        V p = FN(vexp2)(FN(load)(scores + key * TILE_QUERIES) - shift);
        FN(store)(scores + key * TILE_QUERIES, p);
        total += p;
    }
    V shrink = FN(vexp2)(before - shift);
    FN(store)(largest, top);
    FN(store)(sum, FN(load)(sum) * shrink + total);
    FN(store)(factor, shrink);
    return FN(any_lane)(top > before);
}

static void FN(attention_tile)(int64_t queries, int64_t keys, int64_t key_width, int64_t value_width, REAL scale,
                               const REAL *q, int64_t q_stride, const REAL *k, int64_t k_stride, const REAL *v,
                               int64_t v_stride, const zk_visibility *visibility, REAL *o, int64_t o_stride,
                               REAL *log_sum_exp, REAL *workspace) {
    REAL *packed = workspace;                             // [K, 64]
    REAL *scores = packed + key_width * TILE_QUERIES;     // [64 keys, 64 queries]
    REAL *output = scores + TILE_KEYS * TILE_QUERIES;     // [64, V]
    REAL *largest = output + value_width * TILE_QUERIES;  // [64]
    REAL *sum = largest + TILE_QUERIES;                   // [64]
    REAL *factor = sum + TILE_QUERIES;                    // [64]
    const int64_t groups = (queries + LANES - 1) / LANES, lanes = groups * LANES;
    FN(pack_queries)(queries, lanes, key_width, scale * S(LOG2_E), q, q_stride, packed);
    FN(lanes_seen) seen[TILE_QUERIES / LANES];
    FN(gather_visibility)(queries, groups, keys, visibility, seen);
    for (int64_t i = 0; i < lanes; i += LANES) {
        FN(store)(largest + i, (V)((REAL)-INFINITY));
        FN(store)(sum + i, (V)(0));
    }
    int started = 0;
    tile_range tile = {0};
    while (FN(next_tile)(groups, seen, &tile)) {
        const REAL *tile_k = k + tile.begin * k_stride, *tile_v = v + tile.begin * v_stride;
        const int64_t count = tile.end - tile.begin;
        if (!started) {
            EACH_VECTOR(i, queries * value_width, STORE(output, (V)(0));)
            started = 1;
        }
        if (tile.whole) {
            FN(tile_product)(count, lanes, key_width, tile_k, k_stride, 1, packed, TILE_QUERIES, 0, scores, TILE_QUERIES);
        }
        for (int64_t g = 0; g < groups; g++) {
            int64_t first = tile.whole ? 0 : tile.first[g], last = tile.whole ? count : tile.last[g];
            if (first >= last) continue;
            const int64_t lane = g * LANES, rows = queries - lane < LANES ? queries - lane : LANES;
            if (!tile.whole) {
                FN(tile_product)(last - first, LANES, key_width, tile_k + first * k_stride, k_stride, 1, packed + lane,
                                 TILE_QUERIES, 0, scores + first * TILE_QUERIES + lane, TILE_QUERIES);
            }
            REAL *group = scores + lane;
            int grew = tile.full[g]
                ? FN(attention_softmax)(first, last, 0, tile.begin, &seen[g], group, largest + lane, sum + lane, factor + lane)
                : FN(attention_softmax)(first, last, 1, tile.begin, &seen[g], group, largest + lane, sum + lane, factor + lane);
            if (grew) {
                for (int64_t r = lane; r < lane + rows; r++) {
                    if (factor[r] == 1) continue;
                    REAL *row = output + r * value_width;
                    EACH_VECTOR(i, value_width, STORE(row, LOAD(row) * factor[r]);)
                }
            }
            if (!tile.whole) {
                FN(tile_product)(rows, value_width, last - first, group + first * TILE_QUERIES, 1, TILE_QUERIES,
                                 tile_v + first * v_stride, v_stride, 1, output + lane * value_width, value_width);
            }
        }
        if (tile.whole) {
            FN(tile_product)(queries, value_width, count, scores, 1, TILE_QUERIES, tile_v, v_stride, 1, output, value_width);
        }
    }
    for (int64_t r = 0; r < queries; r++) {
        REAL *row = o + r * o_stride;
        if (sum[r] == 0) {
            EACH_VECTOR(i, value_width, STORE(row, (V)(0));)
            log_sum_exp[r] = -INFINITY;
        } else {
            const REAL *from = output + r * value_width;
            REAL inverse = 1 / sum[r];
            EACH_VECTOR(i, value_width, STORE(row, LOAD(from) * inverse);)
            log_sum_exp[r] = (REAL)((largest[r] + log2((double)sum[r])) * 0.6931471805599453);
        }
    }
}

static void FN(attention)(int64_t queries, int64_t keys, int64_t key_width, int64_t value_width, REAL scale,
                          const REAL *q, int64_t q_stride, const REAL *k, int64_t k_stride, const REAL *v,
                          int64_t v_stride, const zk_visibility *visibility, REAL *o, int64_t o_stride,
                          REAL *log_sum_exp, REAL *workspace) {
    for (int64_t r = 0; r < queries; r += TILE_QUERIES) {
        int64_t count = queries - r < TILE_QUERIES ? queries - r : TILE_QUERIES;
        if (count <= FEW_QUERIES) {
            FN(attention_few)(count, keys, key_width, value_width, scale, q + r * q_stride, q_stride, k, k_stride, v,
                              v_stride, visibility + r, o + r * o_stride, o_stride, log_sum_exp + r, workspace);
        } else {
            FN(attention_tile)(count, keys, key_width, value_width, scale, q + r * q_stride, q_stride, k, k_stride, v,
                               v_stride, visibility + r, o + r * o_stride, o_stride, log_sum_exp + r, workspace);
        }
    }
}
