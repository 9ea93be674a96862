// The gated delta rule, forward: chunk by chunk, or token by token where there are only a few.
#include "delta_rule_chunk.h"

/// Fewer tokens than this cost less one by one.
#define DELTA_FEW 5

static int64_t FN(delta_rule_chunk)(void) { return DELTA_CHUNK; }

static int64_t FN(delta_rule_workspace)(int64_t key_width, int64_t value_width) {
    return FN(delta_chunk_size)(key_width, value_width);
}

/// One token: the state is read and written once for each of two passes.
static void FN(delta_rule_token)(int64_t key_width, int64_t value_width, REAL scale, const REAL *q, const REAL *k,
                                 const REAL *v, REAL rate, REAL keep, REAL *o, REAL *state) {
    EACH_VECTOR(i, value_width, {
        V known = 0, out = 0;
        for (int64_t j = 0; j < key_width; j++) known += k[j] * LOAD(state + j * value_width);
        const V u = rate * (LOAD(v) - keep * known);
        for (int64_t j = 0; j < key_width; j++) {
            const V next = keep * LOAD(state + j * value_width) + k[j] * u;
            STORE(state + j * value_width, next);
            out += q[j] * next;
        }
        STORE(o, scale * out);
    })
}

static void FN(delta_rule)(int64_t tokens, int64_t key_width, int64_t value_width, REAL scale, const REAL *q,
                           int64_t q_stride, const REAL *k, int64_t k_stride, const REAL *v, int64_t v_stride,
                           const REAL *beta, const REAL *g, int64_t gate_stride, REAL *o, int64_t o_stride, REAL *state,
                           REAL *checkpoints, REAL *workspace) {
    const int64_t size = key_width * value_width;
    FN(delta_chunk) c = FN(delta_chunk_in)(key_width, value_width, workspace);
    for (int64_t begin = 0; begin < tokens; begin += DELTA_CHUNK) {
        const int64_t n = tokens - begin < DELTA_CHUNK ? tokens - begin : DELTA_CHUNK;
        if (checkpoints) {
            EACH_VECTOR(i, size, STORE(checkpoints, LOAD(state));)
            checkpoints += size;
        }
        if (n < DELTA_FEW) {
            for (int64_t t = begin; t < tokens; t++) {
                FN(delta_rule_token)(key_width, value_width, scale, q + t * q_stride, k + t * k_stride, v + t * v_stride,
                                     beta[t * gate_stride], g ? FN(exp_of)(g[t * gate_stride]) : S(1), o + t * o_stride,
                                     state);
            }
            return;
        }
        const REAL *q_chunk = q + begin * q_stride, *k_chunk = k + begin * k_stride;
        REAL *o_chunk = o + begin * o_stride;
        FN(delta_chunk_fill)(n, key_width, value_width, scale, q_chunk, q_stride, k_chunk, k_stride, v + begin * v_stride,
                             v_stride, beta + begin * gate_stride, g ? g + begin * gate_stride : g, gate_stride, state, c);
        FN(tile_product)(n, value_width, key_width, q_chunk, q_stride, 1, state, value_width, 0, o_chunk, o_stride);
        for (int64_t t = 0; t < n; t++) {
            const REAL factor = scale * c.gamma[t], weight = c.decay[(n - 1) * DELTA_CHUNK + t];
            REAL *out = o_chunk + t * o_stride, *u = c.u + t * value_width, *r = c.r + t * value_width;
            EACH_VECTOR(i, value_width, {
                STORE(out, factor * LOAD(out));
                STORE(r, weight * LOAD(u));
            })
        }
        FN(tile_product)(n, value_width, n, c.p, DELTA_CHUNK, 1, c.u, value_width, 1, o_chunk, o_stride);
        const REAL keep = c.gamma[n - 1];
        EACH_VECTOR(i, size, STORE(state, keep * LOAD(state));)
        FN(tile_product)(key_width, value_width, n, k_chunk, 1, k_stride, c.r, value_width, 1, state, value_width);
    }
}
