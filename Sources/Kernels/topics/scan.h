// The selective scan (Mamba, arXiv:2312.00752, algorithm 2): channels are lanes, tokens pass one by one.
#include "scan_tile.h"

/// States of one tile on the stack; a larger N takes several passes that add to y.
#define SCAN_STATES 64

static int64_t FN(scan_chunk)(void) { return SCAN_CHUNK; }

/// One tile of channels and up to SCAN_STATES of its states over all tokens. `begins`: y starts from d * u, else from
/// what an earlier pass left; `ends`: y is multiplied by silu(z); `is_signed`: h is multiplied by 2 exp(delta a) - 1.
INLINE void FN(scan_pass)(int is_signed, int64_t tokens, int64_t count, int64_t states, const REAL *u, int64_t u_stride,
                          const REAL *delta, int64_t delta_stride, const REAL *a, const REAL *b, int64_t b_stride,
                          const REAL *c, int64_t c_stride, const REAL *d, int begins, const REAL *z, int64_t z_stride,
                          int ends, REAL *y, int64_t y_stride, REAL *h, REAL *checkpoints, int64_t checkpoint_stride,
                          int64_t state_size) {
    const int64_t i = 0, left = count;
    const V skip = begins ? LOAD(d) : (V)(0);
    for (int64_t t = 0; t < tokens; t++, u += u_stride, delta += delta_stride, b += b_stride, c += c_stride, y += y_stride) {
        if (checkpoints && t % SCAN_CHUNK == 0) {
            FN(scan_spread)(count, states, state_size, h, checkpoints);
            checkpoints += checkpoint_stride;
        }
        // Rows are far apart, where no hardware prefetcher follows. Touching what lies behind the end is harmless.
        __builtin_prefetch(u + SCAN_AHEAD * u_stride);
        __builtin_prefetch(delta + SCAN_AHEAD * delta_stride);
        __builtin_prefetch(y + SCAN_AHEAD * y_stride, 1);
        if (ends && z) __builtin_prefetch(z + SCAN_AHEAD * z_stride);
        const V step = LOAD(delta), input = LOAD(u), drive = step * input, rate = step * S(LOG2_E);
        V sum = begins ? skip * input : LOAD(y);
        for (int64_t n = 0; n < states; n++) {
            V keep = FN(vexp2)(rate * FN(load)(a + n * LANES));
            if (is_signed) keep = S(2) * keep - S(1);
            V next = keep * FN(load)(h + n * LANES) + drive * b[n];
            FN(store)(h + n * LANES, next);
            sum += next * c[n];
        }
        if (ends && z) {
            V gate = LOAD(z);
            sum *= gate * FN(vsigmoid)(gate);
            z += z_stride;
        }
        STORE(y, sum);
    }
}

INLINE void FN(scan_all)(int is_signed, int64_t tokens, int64_t channels, int64_t state_size, const REAL *u,
                         int64_t u_stride, const REAL *delta, int64_t delta_stride, const REAL *a, const REAL *b,
                         int64_t b_stride, const REAL *c_, int64_t c_stride, const REAL *d, const REAL *z,
                         int64_t z_stride, REAL *y, int64_t y_stride, REAL *state, REAL *checkpoints) {
    REAL tile_a[SCAN_STATES * LANES] __attribute__((aligned(64)));
    REAL tile_h[SCAN_STATES * LANES] __attribute__((aligned(64)));
    for (int64_t channel = 0; channel < channels; channel += LANES) {
        const int64_t count = channels - channel < LANES ? channels - channel : LANES;
        const REAL *gate = z ? z + channel : z;
        int64_t n = 0;
        do {
            const int64_t states = state_size - n < SCAN_STATES ? state_size - n : SCAN_STATES;
            const int64_t at = channel * state_size + n;
            FN(scan_gather)(count, states, state_size, a + at, tile_a);
            FN(scan_gather)(count, states, state_size, state + at, tile_h);
            REAL *saved = checkpoints ? checkpoints + at : checkpoints;
            if (count == LANES) {
                FN(scan_pass)(is_signed, tokens, LANES, states, u + channel, u_stride, delta + channel, delta_stride, tile_a, b + n,
                              b_stride, c_ + n, c_stride, d + channel, n == 0, gate, z_stride, n + states >= state_size,
                              y + channel, y_stride, tile_h, saved, channels * state_size, state_size);
            } else {
                FN(scan_pass)(is_signed, tokens, count, states, u + channel, u_stride, delta + channel, delta_stride, tile_a, b + n,
                              b_stride, c_ + n, c_stride, d + channel, n == 0, gate, z_stride, n + states >= state_size,
                              y + channel, y_stride, tile_h, saved, channels * state_size, state_size);
            }
            FN(scan_spread)(count, states, state_size, tile_h, state + at);
            n += states;
        } while (n < state_size);
    }
}

#define SCAN(name, is_signed)                                                                                           \
    static void FN(name)(int64_t tokens, int64_t channels, int64_t state_size, const REAL *u, int64_t u_stride,         \
                         const REAL *delta, int64_t delta_stride, const REAL *a, const REAL *b, int64_t b_stride,       \
                         const REAL *c_, int64_t c_stride, const REAL *d, const REAL *z, int64_t z_stride, REAL *y,     \
                         int64_t y_stride, REAL *state, REAL *checkpoints) {                                            \
        FN(scan_all)(is_signed, tokens, channels, state_size, u, u_stride, delta, delta_stride, a, b, b_stride, c_,     \
                     c_stride, d, z, z_stride, y, y_stride, state, checkpoints);                                        \
    }
SCAN(selective_scan, 0)
SCAN(selective_scan_signed, 1)
#undef SCAN
