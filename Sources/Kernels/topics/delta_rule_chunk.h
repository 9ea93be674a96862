// Shared by the delta rule's two directions: what one chunk of tokens knows of itself and of the state S it begins with.
//
// With decay e^g, D_ij the product of the decays of tokens j + 1 ... i and Gamma_i that of the tokens up to i, the rule
//   S <- e^g S;  r = v - S^T k;  S <- S + beta k r^T;  o = scale S^T q
// is for a whole chunk
//   L = strictly lower part of (K K^T) D,     r_i = v_i - Gamma_i S^T k_i - sum over j < i of L_ij u_j,  u = beta r,
//   O = scale (Gamma Q S + (lower part of (Q K^T) D) U),     S' = Gamma_last S + sum over i of D_last,i k_i u_i^T:
// one triangular system and products of small matrices (WY form; Yang et al., arXiv:2406.06484 and 2412.06464).
// D comes from products, never from differences of sums, so no decay however strong costs digits.
#include "../tile.h"
#include "../transpose.h"

#define DELTA_CHUNK 32

typedef struct {
    REAL *kt;      // [K, chunk]: keys, transposed
    REAL *decay;   // [chunk, chunk]: D, lower part with ones on the diagonal
    REAL *l;       // [chunk, chunk]: L, zeros elsewhere
    REAL *p;       // [chunk, chunk]: scale (Q K^T) D, lower part, zeros elsewhere
    REAL *r;       // [chunk, V]
    REAL *u;       // [chunk, V]
    REAL *gamma;   // [chunk]
} FN(delta_chunk);

static int64_t FN(delta_chunk_size)(int64_t key_width, int64_t value_width) {
    return DELTA_CHUNK * (key_width + 3 * DELTA_CHUNK + 2 * value_width + 1);
}

INLINE FN(delta_chunk) FN(delta_chunk_in)(int64_t key_width, int64_t value_width, REAL *memory) {
    FN(delta_chunk) c;
    c.kt = memory;
    c.decay = c.kt + key_width * DELTA_CHUNK;
    c.l = c.decay + DELTA_CHUNK * DELTA_CHUNK;
    c.p = c.l + DELTA_CHUNK * DELTA_CHUNK;
    c.r = c.p + DELTA_CHUNK * DELTA_CHUNK;
    c.u = c.r + DELTA_CHUNK * value_width;
    c.gamma = c.u + DELTA_CHUNK * value_width;
    return c;
}

INLINE REAL FN(dot)(int64_t n, const REAL *a, const REAL *b) {
    V sum = 0;
    EACH_VECTOR(i, n, sum += LOAD(a) * LOAD(b);)
    return FN(sum_lanes)(sum);
}

INLINE REAL FN(exp_of)(REAL x) { return FN(vexp)((V)(x))[0]; }

/// Everything of `delta_chunk` for `n` tokens that begin with `state` [K, V].
static __attribute__((noinline, unused)) void FN(delta_chunk_fill)(
    int64_t n, int64_t key_width, int64_t value_width, REAL scale, const REAL *q, int64_t q_stride, const REAL *k,
    int64_t k_stride, const REAL *v, int64_t v_stride, const REAL *beta, const REAL *g, int64_t gate_stride,
    const REAL *state, FN(delta_chunk) c) {
    FN(transpose)(n, key_width, 1, k, k_stride, c.kt, DELTA_CHUNK);
    REAL product = 1;
    for (int64_t i = 0; i < n; i++) {
        const REAL keep = g ? FN(exp_of)(g[i * gate_stride]) : S(1);
        c.gamma[i] = product = product * keep;
        REAL *row = c.decay + i * DELTA_CHUNK;
        for (int64_t j = 0; j < i; j++) row[j] = row[j - DELTA_CHUNK] * keep;
        row[i] = 1;
    }
    FN(tile_product)(n, n, key_width, k, k_stride, 1, c.kt, DELTA_CHUNK, 0, c.l, DELTA_CHUNK);
    FN(tile_product)(n, n, key_width, q, q_stride, 1, c.kt, DELTA_CHUNK, 0, c.p, DELTA_CHUNK);
    for (int64_t i = 0; i < n; i++) {
        REAL *l = c.l + i * DELTA_CHUNK, *p = c.p + i * DELTA_CHUNK;
        const REAL *decay = c.decay + i * DELTA_CHUNK;
        for (int64_t j = 0; j < i; j++) l[j] *= decay[j];
        for (int64_t j = 0; j <= i; j++) p[j] *= scale * decay[j];
        for (int64_t j = i; j < n; j++) l[j] = 0;
        for (int64_t j = i + 1; j < n; j++) p[j] = 0;
    }
    FN(tile_product)(n, value_width, key_width, k, k_stride, 1, state, value_width, 0, c.r, value_width);
    for (int64_t t = 0; t < n; t++) {
        REAL *r = c.r + t * value_width, *u = c.u + t * value_width;
        const REAL *value = v + t * v_stride, *l = c.l + t * DELTA_CHUNK, keep = c.gamma[t], rate = beta[t * gate_stride];
        EACH_VECTOR(i, value_width, {
            V rest = LOAD(value) - keep * LOAD(r);
            const REAL *earlier = c.u;
            for (int64_t j = 0; j < t; j++, earlier += value_width) rest -= l[j] * LOAD(earlier);
            STORE(r, rest);
            STORE(u, rate * rest);
        })
    }
}
