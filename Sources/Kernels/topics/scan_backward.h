// The way back through the selective scan. Chunks of tokens from the last to the first; in each, one tile of channels
// after the other: the states are made again from the chunk's checkpoint, then the tokens pass in reverse with
//   dh_t = c_t g_t + exp(delta_{t+1} a) dh_{t+1},  g = dy silu(z)
//   dc_t += g h_t,  db_t += dh delta u,  da += dh h_{t-1} exp(delta a) delta,
//   ddelta = sum over n of dh (h_{t-1} exp(delta a) a + b u),  du = g d + sum over n of dh delta b.
// With eigenvalues in [-1, 1] the decay is 2 exp(delta a) - 1, whose derivative with respect to delta a is itself plus 1.
// The sums over channels db and dc are kept as lanes until every tile of the chunk has added to them.
#include "scan_tile.h"

/// The running dh and da of all tiles, and for one chunk: states before and after each token, decays, db, dc as
/// lanes; one tile's a.
static int64_t FN(selective_scan_workspace)(int64_t channels, int64_t state_size) {
    const int64_t padded = (channels + LANES - 1) / LANES * LANES;
    return state_size * (2 * padded + (4 * SCAN_CHUNK + 2) * LANES);
}

/// One chunk of one tile. `i` and `left` say which channels; `adds` is 0 for the first tile, which starts db and dc.
INLINE void FN(scan_chunk_backward)(int is_signed, int64_t tokens, int64_t left, int64_t states, const REAL *u,
                                    int64_t u_stride,
                                    const REAL *delta, int64_t delta_stride, const REAL *a, const REAL *b,
                                    int64_t b_stride, const REAL *c, int64_t c_stride, const REAL *d, const REAL *z,
                                    int64_t z_stride, const REAL *dy, int64_t dy_stride, REAL *du, int64_t du_stride,
                                    REAL *ddelta, int64_t ddelta_stride, REAL *dd, REAL *dz, int64_t dz_stride, REAL *h,
                                    REAL *decay, REAL *dh, REAL *da, REAL *db, REAL *dc, int adds) {
    const int64_t i = 0, size = states * LANES;
    REAL before_gate[SCAN_CHUNK * LANES] __attribute__((aligned(64)));
    const V skip = LOAD(d);
    for (int64_t t = 0; t < tokens; t++) {
        // What the way back will read and write comes into the cache meanwhile.
        __builtin_prefetch(u + (t + SCAN_AHEAD) * u_stride);
        __builtin_prefetch(delta + (t + SCAN_AHEAD) * delta_stride);
        __builtin_prefetch(dy + t * dy_stride);
        __builtin_prefetch(du + t * du_stride, 1);
        __builtin_prefetch(ddelta + t * ddelta_stride, 1);
        if (z) {
            __builtin_prefetch(z + t * z_stride);
            __builtin_prefetch(dz + t * dz_stride, 1);
        }
        const V step = LOAD(delta + t * delta_stride), input = LOAD(u + t * u_stride);
        const V drive = step * input, rate = step * S(LOG2_E);
        const REAL *from = h + t * size, *b_t = b + t * b_stride, *c_t = c + t * c_stride;
        REAL *to = h + (t + 1) * size, *decay_t = decay + t * size;
        V sum = skip * input;
        for (int64_t n = 0; n < states; n++) {
            V keep = FN(vexp2)(rate * FN(load)(a + n * LANES));
            if (is_signed) keep = S(2) * keep - S(1);
            V next = keep * FN(load)(from + n * LANES) + drive * b_t[n];
            FN(store)(decay_t + n * LANES, keep);
            FN(store)(to + n * LANES, next);
            sum += next * c_t[n];
        }
        FN(store)(before_gate + t * LANES, sum);
    }
    V dskip = 0;
    for (int64_t t = tokens - 1; t >= 0; t--) {
        const V step = LOAD(delta + t * delta_stride), input = LOAD(u + t * u_stride), drive = step * input;
        V g = LOAD(dy + t * dy_stride);
        if (z) {
            V gate = LOAD(z + t * z_stride), s = FN(vsigmoid)(gate), silu = gate * s;
            STORE(dz + t * dz_stride, g * FN(load)(before_gate + t * LANES) * (s + silu * (S(1) - s)));
            g *= silu;
        }
        dskip += g * input;
        const REAL *before = h + t * size, *after = before + size, *decay_t = decay + t * size;
        const REAL *b_t = b + t * b_stride, *c_t = c + t * c_stride;
        REAL *db_t = db + t * size, *dc_t = dc + t * size;
        V through_b = 0, through_a = 0;
        for (int64_t n = 0; n < states; n++) {
            const int64_t at = n * LANES;
            V slope = FN(load)(dh + at) + g * c_t[n];
            V back = slope * FN(load)(decay_t + at);
            V weighted = (is_signed ? back + slope : back) * FN(load)(before + at);
            V from_c = g * FN(load)(after + at), from_b = slope * drive;
            if (adds) {
                from_c += FN(load)(dc_t + at);
                from_b += FN(load)(db_t + at);
            }
            FN(store)(dc_t + at, from_c);
            FN(store)(db_t + at, from_b);
            FN(store)(dh + at, back);
            FN(store)(da + at, FN(load)(da + at) + weighted * step);
            through_a += weighted * FN(load)(a + at);
            through_b += slope * b_t[n];
        }
        STORE(ddelta + t * ddelta_stride, through_a + through_b * input);
        STORE(du + t * du_stride, g * skip + through_b * step);
    }
    STORE(dd, LOAD(dd) + dskip);
}

INLINE void FN(scan_all_backward)(int is_signed, int64_t tokens, int64_t channels, int64_t state_size, const REAL *u,
                                  int64_t u_stride, const REAL *delta, int64_t delta_stride, const REAL *a,
                                  const REAL *b, int64_t b_stride, const REAL *c_, int64_t c_stride, const REAL *d,
                                  const REAL *z, int64_t z_stride, const REAL *checkpoints, const REAL *dy,
                                  int64_t dy_stride, REAL *du, int64_t du_stride, REAL *ddelta, int64_t ddelta_stride,
                                  REAL *da, REAL *db, int64_t db_stride, REAL *dc, int64_t dc_stride, REAL *dd,
                                  REAL *dz, int64_t dz_stride, REAL *workspace) {
    const int64_t padded = (channels + LANES - 1) / LANES * LANES, size = state_size * LANES;
    REAL *dh = workspace;                    // [tiles, N, LANES]
    REAL *da_lanes = dh + padded * state_size;   // [tiles, N, LANES]
    REAL *h = da_lanes + padded * state_size;    // [chunk + 1, N, LANES]
    REAL *decay = h + (SCAN_CHUNK + 1) * size;   // [chunk, N, LANES]
    REAL *db_lanes = decay + SCAN_CHUNK * size;  // [chunk, N, LANES]
    REAL *dc_lanes = db_lanes + SCAN_CHUNK * size;  // [chunk, N, LANES]
    REAL *tile_a = dc_lanes + SCAN_CHUNK * size;    // [N, LANES]
    EACH_VECTOR(i, 2 * padded * state_size, STORE(dh, (V)(0));)
    for (int64_t begin = (tokens - 1) / SCAN_CHUNK * SCAN_CHUNK; begin >= 0 && tokens > 0; begin -= SCAN_CHUNK) {
        const int64_t count = tokens - begin < SCAN_CHUNK ? tokens - begin : SCAN_CHUNK;
        const REAL *saved = checkpoints + begin / SCAN_CHUNK * channels * state_size;
        for (int64_t channel = 0; channel < channels; channel += LANES) {
            const int64_t lanes = channels - channel < LANES ? channels - channel : LANES;
            FN(scan_gather)(lanes, state_size, state_size, a + channel * state_size, tile_a);
            FN(scan_gather)(lanes, state_size, state_size, saved + channel * state_size, h);
#define CHUNK(lanes)                                                                                                  \
    FN(scan_chunk_backward)(is_signed, count, lanes, state_size, u + begin * u_stride + channel, u_stride,             \
                            delta + begin * delta_stride + channel, delta_stride, tile_a, b + begin * b_stride,        \
                            b_stride, c_ + begin * c_stride, c_stride, d + channel,                                    \
                            z ? z + begin * z_stride + channel : z, z_stride, dy + begin * dy_stride + channel,        \
                            dy_stride, du + begin * du_stride + channel, du_stride,                                    \
                            ddelta + begin * ddelta_stride + channel, ddelta_stride, dd + channel,                     \
                            z ? dz + begin * dz_stride + channel : dz, dz_stride, h, decay, dh + channel * state_size, \
                            da_lanes + channel * state_size, db_lanes, dc_lanes, channel > 0)
            if (lanes == LANES) {
                CHUNK(LANES);
            } else {
                CHUNK(lanes);
            }
#undef CHUNK
        }
        for (int64_t t = 0; t < count; t++) {
            REAL *db_t = db + (begin + t) * db_stride, *dc_t = dc + (begin + t) * dc_stride;
            for (int64_t n = 0; n < state_size; n++) {
                db_t[n] += FN(sum_lanes)(FN(load)(db_lanes + t * size + n * LANES));
                dc_t[n] += FN(sum_lanes)(FN(load)(dc_lanes + t * size + n * LANES));
            }
        }
    }
    for (int64_t channel = 0; channel < channels; channel++) {
        const REAL *tile = da_lanes + channel / LANES * size + channel % LANES;
        for (int64_t n = 0; n < state_size; n++) da[channel * state_size + n] += tile[n * LANES];
    }
}

#define SCAN(name, is_signed)                                                                                        \
    static void FN(name)(int64_t tokens, int64_t channels, int64_t state_size, const REAL *u, int64_t u_stride,      \
                         const REAL *delta, int64_t delta_stride, const REAL *a, const REAL *b, int64_t b_stride,    \
                         const REAL *c_, int64_t c_stride, const REAL *d, const REAL *z, int64_t z_stride,           \
                         const REAL *checkpoints, const REAL *dy, int64_t dy_stride, REAL *du, int64_t du_stride,    \
                         REAL *ddelta, int64_t ddelta_stride, REAL *da, REAL *db, int64_t db_stride, REAL *dc,       \
                         int64_t dc_stride, REAL *dd, REAL *dz, int64_t dz_stride, REAL *workspace) {                \
        FN(scan_all_backward)(is_signed, tokens, channels, state_size, u, u_stride, delta, delta_stride, a, b,       \
                              b_stride, c_, c_stride, d, z, z_stride, checkpoints, dy, dy_stride, du, du_stride,     \
                              ddelta, ddelta_stride, da, db, db_stride, dc, dc_stride, dd, dz, dz_stride,            \
                              workspace);                                                                            \
    }
SCAN(selective_scan_backward, 0)
SCAN(selective_scan_signed_backward, 1)
#undef SCAN
