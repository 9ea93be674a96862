// Shared by the two directions of networks that learn while they read: what one chunk of tokens knows of itself.
//
// A network of one to four layers, z_l = [a_l 1] W_l, a_{l+1} = phi(z_l), prediction of v_j: k_j + N(z_last), N a layer norm or nothing.
// All gradients of a chunk, g_{l,j} = d loss_j / d z_l, are taken at the weights `at` that the chunk began with. What token i reads with
// are the weights
//   W_i = c0_i W + c1_i S - sum over j <= i of C_ij a_j g_j^T,
// which are never formed: layer by layer a query h needs c0 h W + c1 h S - (C * (h a^T)) g, products of small matrices. A chunk leaves
//   W <- w_w W + w_s S - sum of w_j a_j g_j^T,     S <- s_s S - sum of s_j a_j g_j^T.
// Two rules fill in the coefficients: test-time training (arXiv:2407.04620: S is the sum of what this chunk has collected, t_i a factor for
// each place in the chunk, r_j a rate for each token)
//   c0 = 1,  c1_i = -t_i,  C_ij = t_i r_j,
// and momentum with forgetting (Titans, arXiv:2501.00663: forgetting f, momentum e, rate r), for which by recurrence over i
//   c0 = product of (1 - f),  E_ij = product of e over j < m <= i,  c1_i = (1 - f_i) c1_{i-1} + E_i,  G_ij = (1 - f_i) G_{i-1,j} + E_ij,
//   C_ij = G_ij r_j,
// with E_i from the chunk's start. A column of ones stands for the biases: their row is the last one of W_l.
#include "../tile.h"
#include "../transpose.h"

#define FAST_LAYERS 4

typedef struct {
    int64_t layers, bias, chunk, size, widest;
    int64_t in[FAST_LAYERS], out[FAST_LAYERS], at[FAST_LAYERS];
    REAL *a[FAST_LAYERS];   // [chunk, in]: inputs of layers on keys
    REAL *h[FAST_LAYERS];   // [chunk, in]: on queries
    REAL *z[FAST_LAYERS];   // [chunk, out]: before the activation, on keys
    REAL *y[FAST_LAYERS];   // [chunk, out]: on queries
    REAL *g[FAST_LAYERS];   // [chunk, out]
    REAL *r[FAST_LAYERS];   // [chunk, out]: g before the activation's slope
    REAL *p[FAST_LAYERS];   // [chunk, chunk]: h a^T, lower part
    REAL *m[FAST_LAYERS];   // [chunk, chunk]: -C * p, lower part, zeros elsewhere
    REAL *w_t;              // weights at the chunk's start, each layer transposed [out, in]
    REAL *c0, *c1, *e0;     // [chunk]
    REAL *c, *e, *sums;     // [chunk, chunk]: C, E, G
    REAL *w_j, *s_j;        // [chunk]
    REAL *temporary;        // [chunk + 1, widest]
    REAL *turned;           // [widest, chunk]
    REAL w_w, w_s, s_s;
    int has_s, updates_w, updates_s;
    int64_t used;
} FN(fast_chunk);

INLINE FN(fast_chunk) FN(fast_chunk_in)(const zk_fast_weights *shape, REAL *memory) {
    FN(fast_chunk) c;
    int64_t used = 0;
#define TAKE(count) (memory ? memory + used : memory); used += (count)
    const int64_t n = shape->chunk;
    c.layers = shape->layers;
    c.bias = shape->bias;
    c.chunk = n;
    c.size = 0;
    c.widest = n;
    for (int64_t l = 0; l < c.layers; l++) {
        c.in[l] = shape->widths[l] + shape->bias;
        c.out[l] = shape->widths[l + 1];
        c.at[l] = c.size;
        c.size += c.in[l] * c.out[l];
        c.widest = c.in[l] > c.widest ? c.in[l] : c.widest;
        c.widest = c.out[l] > c.widest ? c.out[l] : c.widest;
        c.a[l] = TAKE(n * c.in[l]);
        c.h[l] = TAKE(n * c.in[l]);
        c.z[l] = TAKE(n * c.out[l]);
        c.y[l] = TAKE(n * c.out[l]);
        c.g[l] = TAKE(n * c.out[l]);
        c.r[l] = TAKE(n * c.out[l]);
        c.p[l] = TAKE(n * n);
        c.m[l] = TAKE(n * n);
    }
    c.w_t = TAKE(c.size);
    c.c0 = TAKE(n);
    c.c1 = TAKE(n);
    c.e0 = TAKE(n);
    c.w_j = TAKE(n);
    c.s_j = TAKE(n);
    c.c = TAKE(n * n);
    c.e = TAKE(n * n);
    c.sums = TAKE(n * n);
    c.temporary = TAKE((n + 1) * c.widest);
    c.turned = TAKE(n * c.widest);
    c.used = used;
    return c;
}

INLINE REAL FN(dot)(int64_t n, const REAL *a, const REAL *b) {
    V sum = 0;
    EACH_VECTOR(i, n, sum += LOAD(a) * LOAD(b);)
    return FN(sum_lanes)(sum);
}

// ---- Activations ----------------------------------------------------------------------------------

/// phi (order 0) and its first and second derivative: SiLU, or GELU in its tanh form.
INLINE V FN(fast_activation)(const int order, int64_t gelu, V x) {
    if (!gelu) {
        const V s = FN(vsigmoid)(x);
        if (order == 0) return x * s;
        if (order == 1) return s * (S(1) + x * (S(1) - s));
        return s * (S(1) - s) * (S(2) + x * (S(1) - S(2) * s));
    }
    const V t = FN(vtanh)(S(0.7978845608028654) * (x + S(0.044715) * x * x * x));
    if (order == 0) return S(0.5) * x * (S(1) + t);
    const V slope = S(0.7978845608028654) * (S(1) + S(3 * 0.044715) * x * x), rest = S(1) - t * t;
    if (order == 1) return S(0.5) * (S(1) + t) + S(0.5) * x * rest * slope;
    return rest * (slope + S(0.5) * x * (S(6 * 0.7978845608028654 * 0.044715) * x - S(2) * t * slope * slope));
}

/// to = [phi(z) 1], rows of the next layer's inputs.
static __attribute__((unused)) void FN(fast_activate)(const zk_fast_weights *shape, int64_t n, int64_t width, const REAL *z,
                                                      REAL *to) {
    for (int64_t t = 0; t < n; t++, z += width, to += width + shape->bias) {
        EACH_VECTOR(i, width, STORE(to, FN(fast_activation)(0, shape->gelu, LOAD(z)));)
        if (shape->bias) to[width] = 1;
    }
}

/// to = [x 1]
static __attribute__((unused)) void FN(fast_inputs)(const zk_fast_weights *shape, int64_t n, const REAL *x, int64_t stride,
                                                    REAL *to) {
    const int64_t width = shape->widths[0];
    for (int64_t t = 0; t < n; t++, x += stride, to += width + shape->bias) {
        EACH_VECTOR(i, width, STORE(to, LOAD(x));)
        if (shape->bias) to[width] = 1;
    }
}

// ---- Layer norm of a row --------------------------------------------------------------------------

/// x = (z - mean) / deviation; gives 1 / deviation.
INLINE REAL FN(fast_standardise)(int64_t width, REAL epsilon, const REAL *z, REAL *x) {
    V sum = 0;
    EACH_VECTOR(i, width, sum += LOAD(z);)
    const REAL mean = FN(sum_lanes)(sum) / (REAL)width;
    V squares = 0;
    EACH_VECTOR(i, width, {
        V rest = FN(first_lanes)(LOAD(z) - mean, left, 0);
        squares += rest * rest;
    })
    const REAL inverse = S(1) / (REAL)sqrt((double)(FN(sum_lanes)(squares) / (REAL)width + epsilon));
    EACH_VECTOR(i, width, STORE(x, (LOAD(z) - mean) * inverse);)
    return inverse;
}

/// d = factor * (d - mean(d) - x mean(d x)): the way back through `standardise`.
INLINE void FN(fast_centre)(int64_t width, REAL factor, const REAL *x, REAL *d) {
    V sum = 0, product = 0;
    EACH_VECTOR(i, width, {
        sum += LOAD(d);
        product += LOAD(d) * LOAD(x);
    })
    const REAL mean = FN(sum_lanes)(sum) / (REAL)width, along = FN(sum_lanes)(product) / (REAL)width;
    EACH_VECTOR(i, width, STORE(d, factor * (LOAD(d) - mean - along * LOAD(x)));)
}

// ---- Coefficients ---------------------------------------------------------------------------------

/// For `n` tokens that begin `offset` places into a chunk. `places` (test-time training) or `momentum` and `forgetting` (Titans).
static __attribute__((unused)) void FN(fast_coefficients)(int64_t n, int64_t offset, const REAL *rate, const REAL *momentum,
                                                          const REAL *forgetting, int64_t gate_stride, const REAL *places,
                                                          FN(fast_chunk) *c) {
    const int64_t chunk = c->chunk;
    if (places) {
        const int ends = offset + n == chunk;
        const REAL last = places[offset + n - 1];
        for (int64_t i = 0; i < n; i++) {
            c->c0[i] = 1;
            c->c1[i] = -places[offset + i];
            for (int64_t j = 0; j <= i; j++) c->c[i * chunk + j] = places[offset + i] * rate[j * gate_stride];
            c->w_j[i] = last * rate[i * gate_stride];
            c->s_j[i] = -rate[i * gate_stride];
        }
        c->w_w = 1;
        c->w_s = -last;
        c->s_s = ends ? 0 : 1;
        c->updates_w = ends;
        c->updates_s = !ends;
        return;
    }
    for (int64_t i = 0; i < n; i++) {
        const REAL keep = S(1) - forgetting[i * gate_stride], carry = momentum[i * gate_stride];
        c->c0[i] = keep * (i > 0 ? c->c0[i - 1] : S(1));
        c->e0[i] = carry * (i > 0 ? c->e0[i - 1] : S(1));
        c->c1[i] = (i > 0 ? keep * c->c1[i - 1] : S(0)) + c->e0[i];
        REAL *e = c->e + i * chunk, *sums = c->sums + i * chunk;
        for (int64_t j = 0; j < i; j++) {
            e[j] = carry * e[j - chunk];
            sums[j] = keep * sums[j - chunk] + e[j];
        }
        e[i] = sums[i] = 1;
        for (int64_t j = 0; j <= i; j++) c->c[i * chunk + j] = sums[j] * rate[j * gate_stride];
    }
    for (int64_t j = 0; j < n; j++) {
        c->w_j[j] = c->c[(n - 1) * chunk + j];
        c->s_j[j] = c->e[(n - 1) * chunk + j] * rate[j * gate_stride];
    }
    c->w_w = c->c0[n - 1];
    c->w_s = c->c1[n - 1];
    c->s_s = c->e0[n - 1];
    c->updates_w = c->updates_s = 1;
}

// ---- Learning and reading -------------------------------------------------------------------------

/// Activations and gradients of `n` keys at the weights `w`.
static __attribute__((noinline, unused)) void FN(fast_learn)(const zk_fast_weights *shape, int64_t n, const REAL *k,
                                                             const REAL *v, int64_t stride, const REAL *w, const REAL *gamma,
                                                             const REAL *beta, FN(fast_chunk) *c) {
    const int64_t top = c->layers - 1, width = c->out[top];
    FN(fast_inputs)(shape, n, k, stride, c->a[0]);
    for (int64_t l = 0; l <= top; l++) {
        FN(tile_product)(n, c->out[l], c->in[l], c->a[l], c->in[l], 1, w + c->at[l], c->out[l], 0, c->z[l], c->out[l]);
        if (l < top) FN(fast_activate)(shape, n, c->out[l], c->z[l], c->a[l + 1]);
    }
    for (int64_t t = 0; t < n; t++) {
        const REAL *z = c->z[top] + t * width, *key = k + t * stride, *value = v + t * stride;
        REAL *g = c->g[top] + t * width, *x = c->temporary;
        const REAL factor = (REAL)shape->loss_factor;
        if (!gamma) {
            EACH_VECTOR(i, width, STORE(g, factor * (LOAD(key) + LOAD(z) - LOAD(value)));)
            continue;
        }
        const REAL inverse = FN(fast_standardise)(width, (REAL)shape->epsilon, z, x);
        EACH_VECTOR(i, width, {
            V scale = LOAD(gamma);
            STORE(g, factor * scale * (scale * LOAD(x) + LOAD(beta) + LOAD(key) - LOAD(value)));
        })
        FN(fast_centre)(width, inverse, x, g);
    }
    for (int64_t l = top; l > 0; l--) {
        const int64_t inner = c->out[l - 1];
        const REAL *weights = w + c->at[l];
        if (n < 4) {  // too few to pay for turning the weights
            for (int64_t t = 0; t < n; t++) {
                for (int64_t i = 0; i < inner; i++) {
                    c->r[l - 1][t * inner + i] = FN(dot)(c->out[l], weights + i * c->out[l], c->g[l] + t * c->out[l]);
                }
            }
        } else {
            REAL *turned = c->w_t + c->at[l];
            FN(transpose)(c->in[l], c->out[l], 1, weights, c->out[l], turned, c->in[l]);
            FN(tile_product)(n, inner, c->out[l], c->g[l], c->out[l], 1, turned, c->in[l], 0, c->r[l - 1], inner);
        }
        const REAL *z = c->z[l - 1], *r = c->r[l - 1];
        REAL *g = c->g[l - 1];
        EACH_VECTOR(i, n * inner, STORE(g, LOAD(r) * FN(fast_activation)(1, shape->gelu, LOAD(z)));)
    }
}

/// What `n` queries read: everything up to `y` of the last layer.
static __attribute__((noinline, unused)) void FN(fast_read)(const zk_fast_weights *shape, int64_t n, const REAL *q,
                                                            int64_t stride, const REAL *w, const REAL *s, FN(fast_chunk) *c) {
    const int64_t chunk = c->chunk;
    FN(fast_inputs)(shape, n, q, stride, c->h[0]);
    for (int64_t l = 0; l < c->layers; l++) {
        const int64_t in = c->in[l], out = c->out[l];
        REAL *y = c->y[l], *temporary = c->temporary;
        FN(transpose)(n, in, 1, c->a[l], in, c->turned, chunk);
        FN(tile_product)(n, n, in, c->h[l], in, 1, c->turned, chunk, 0, c->p[l], chunk);
        for (int64_t i = 0; i < n; i++) {
            REAL *m = c->m[l] + i * chunk, *p = c->p[l] + i * chunk, *pair = c->c + i * chunk;
            for (int64_t j = 0; j <= i; j++) m[j] = -pair[j] * p[j];
            for (int64_t j = i + 1; j < n; j++) m[j] = p[j] = 0;
        }
        FN(tile_product)(n, out, in, c->h[l], in, 1, w + c->at[l], out, 0, y, out);
        if (c->has_s) FN(tile_product)(n, out, in, c->h[l], in, 1, s + c->at[l], out, 0, temporary, out);
        for (int64_t t = 0; t < n; t++) {
            REAL *row = y + t * out, *other = temporary + t * out;
            const REAL from_w = c->c0[t], from_s = c->c1[t];
            if (c->has_s) {
                EACH_VECTOR(i, out, STORE(row, from_w * LOAD(row) + from_s * LOAD(other));)
            } else if (from_w != 1) {
                EACH_VECTOR(i, out, STORE(row, from_w * LOAD(row));)
            }
        }
        FN(tile_product)(n, out, n, c->m[l], chunk, 1, c->g[l], out, 1, y, out);
        if (l + 1 < c->layers) FN(fast_activate)(shape, n, out, y, c->h[l + 1]);
    }
}
