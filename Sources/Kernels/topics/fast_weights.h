// Networks that learn while they read, forward: see fast_weights_chunk.h.
#include "fast_weights_chunk.h"

static int64_t FN(fast_weights_workspace)(const zk_fast_weights *shape) { return FN(fast_chunk_in)(shape, 0).used; }

/// x <- factor x + other_factor other - sum over j of by_j a_j g_j^T, a matrix of each layer.
static void FN(fast_update)(int64_t n, REAL factor, REAL *x, REAL other_factor, const REAL *other, const REAL *by,
                            FN(fast_chunk) *c) {
    if (other) {
        EACH_VECTOR(i, c->size, STORE(x, factor * LOAD(x) + other_factor * LOAD(other));)
    } else if (factor != 1) {
        EACH_VECTOR(i, c->size, STORE(x, factor * LOAD(x));)
    }
    for (int64_t l = 0; l < c->layers; l++) {
        const int64_t in = c->in[l], out = c->out[l];
        for (int64_t t = 0; t < n; t++) {
            const REAL weight = -by[t], *g = c->g[l] + t * out;
            REAL *to = c->temporary + t * out;
            EACH_VECTOR(i, out, STORE(to, weight * LOAD(g));)
        }
        FN(tile_product)(in, out, n, c->a[l], 1, in, c->temporary, out, 1, x + c->at[l], out);
    }
}

static void FN(fast_weights)(const zk_fast_weights *shape, int64_t tokens, int64_t offset, const REAL *q, const REAL *k,
                             const REAL *v, int64_t stride, const REAL *rate, const REAL *momentum, const REAL *forgetting,
                             int64_t gate_stride, const REAL *places, const REAL *gamma, const REAL *beta, REAL *o, REAL *at,
                             REAL *w, REAL *s, int32_t begins, REAL *checkpoints, REAL *surprise, REAL *workspace) {
    FN(fast_chunk) c = FN(fast_chunk_in)(shape, workspace);
    const int64_t width = shape->widths[0], top = c.layers - 1;
    for (int64_t begin = 0, n; begin < tokens; begin += n, offset = 0) {
        n = c.chunk - offset < tokens - begin ? c.chunk - offset : tokens - begin;
        c.has_s = places ? offset > 0 : !(begins && begin == 0);
        if (checkpoints) {
            EACH_VECTOR(i, c.size, STORE(checkpoints, LOAD(w));)
            checkpoints += c.size;
            if (!places) {
                EACH_VECTOR(i, c.size, STORE(checkpoints, LOAD(s));)
                checkpoints += c.size;
            }
        }
        const REAL *q_c = q + begin * stride, *k_c = k + begin * stride, *v_c = v + begin * stride;
        FN(fast_coefficients)(n, offset, rate + begin * gate_stride, momentum ? momentum + begin * gate_stride : momentum,
                              forgetting ? forgetting + begin * gate_stride : forgetting, gate_stride, places, &c);
        FN(fast_learn)(shape, n, k_c, v_c, stride, at ? at : w, gamma, beta, &c);
        FN(fast_read)(shape, n, q_c, stride, w, s, &c);
        for (int64_t t = 0; t < n; t++) {
            const REAL *y = c.y[top] + t * width, *query = q_c + t * stride;
            REAL *out = o + (begin + t) * stride, *x = c.temporary;
            if (gamma) {
                FN(fast_standardise)(width, (REAL)shape->epsilon, y, x);
                EACH_VECTOR(i, width, STORE(out, LOAD(query) + LOAD(gamma) * LOAD(x) + LOAD(beta));)
            } else {
                EACH_VECTOR(i, width, STORE(out, LOAD(query) + LOAD(y));)
            }
            if (surprise) {  // without a norm: the squared error of the prediction of v
                const REAL *g = c.g[top] + t * width;
                surprise[(begin + t) * gate_stride] = FN(dot)(width, g, g) / (REAL)(shape->loss_factor * shape->loss_factor);
            }
        }
        if (c.updates_w) FN(fast_update)(n, c.w_w, w, c.w_s, c.has_s ? s : (const REAL *)0, c.w_j, &c);
        if (c.updates_s) {
            if (!c.has_s) {
                EACH_VECTOR(i, c.size, STORE(s, (V)(0));)
            }
            FN(fast_update)(n, c.s_s, s, 0, (const REAL *)0, c.s_j, &c);
        } else if (c.has_s) {
            EACH_VECTOR(i, c.size, STORE(s, (V)(0));)
        }
        if (at && offset + n == c.chunk) {
            EACH_VECTOR(i, c.size, STORE(at, LOAD(w));)
        }
    }
}
