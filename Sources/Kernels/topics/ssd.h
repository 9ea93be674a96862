// State-space duality (Mamba-2, arXiv:2405.21060): within a chunk the recurrence is a product with a lower triangular matrix,
//   y_t = sum over s <= t of D[t, s] (c_t . b_s) step_s x_s + e_t S c_t,   D[t, s] = decay_{s+1} ... decay_t,   e_t = decay_0 ... decay_t,
// and chunks are joined by their states. D is made by running products: no logarithm is taken, so a decay may be 0 or negative.

#define SSD_CHUNK 64
#if IS_FLOAT
#define SSD_GEMM zk_gemm_f32
#else
#define SSD_GEMM zk_gemm_f64
#endif

#include "ssd_chunk.h"

/// c b, D, D (c b), step x, the same times what decays until the chunk's end, and what the state says.
static int64_t FN(ssd_workspace)(int64_t width, int64_t states) {
    return 3 * SSD_CHUNK * SSD_CHUNK + 3 * SSD_CHUNK * width + SSD_CHUNK;
}

static void FN(ssd)(int64_t tokens, int64_t heads, int64_t width, int64_t states, const REAL *x, int64_t x_stride,
                    const REAL *step, const REAL *decay, int64_t head_stride, const REAL *b, int64_t b_stride,
                    const REAL *c_, int64_t c_stride, const REAL *skip, REAL *y, int64_t y_stride, REAL *state,
                    int32_t fresh, REAL *workspace) {
    REAL *met = workspace, *decays = met + SSD_CHUNK * SSD_CHUNK, *weights = decays + SSD_CHUNK * SSD_CHUNK;
    REAL *driven = weights + SSD_CHUNK * SSD_CHUNK, *kept = driven + SSD_CHUNK * width;
    REAL *recalled = kept + SSD_CHUNK * width, *since = recalled + SSD_CHUNK * width;
    for (int64_t begin = 0; begin < tokens; begin += SSD_CHUNK) {
        const int64_t count = tokens - begin < SSD_CHUNK ? tokens - begin : SSD_CHUNK;
        const REAL *b_chunk = b + begin * b_stride, *c_chunk = c_ + begin * c_stride;
        const int empty = fresh && begin == 0;
        SSD_GEMM(0, 1, count, count, states, 1, c_chunk, c_stride, b_chunk, b_stride, 0, met, SSD_CHUNK);
        for (int64_t h = 0; h < heads; h++) {
            const REAL *x_head = x + begin * x_stride + h * width;
            REAL *y_head = y + begin * y_stride + h * width, *s = state + h * width * states;
            FN(ssd_decays)(count, decay + begin * head_stride + h, head_stride, decays, since);
            for (int64_t t = 0; t < count; t++) {
                FN(ssd_mask)(t, count, decays + t * SSD_CHUNK, met + t * SSD_CHUNK, weights + t * SSD_CHUNK);
                const REAL factor = step[(begin + t) * head_stride + h], end = factor * decays[(count - 1) * SSD_CHUNK + t];
                const REAL *from = x_head + t * x_stride;
                EACH_VECTOR(i, width, {
                    const V v = LOAD(from);
                    STORE(driven + t * width, v * factor);
                    STORE(kept + t * width, v * end);
                })
            }
            if (!empty) SSD_GEMM(0, 1, count, width, states, 1, c_chunk, c_stride, s, states, 0, recalled, width);
            for (int64_t t = 0; t < count; t++) {
                const REAL *from = x_head + t * x_stride;
                REAL *to = y_head + t * y_stride;
                EACH_VECTOR(i, width, {
                    V v = LOAD(from) * skip[h];
                    if (!empty) v += LOAD(recalled + t * width) * since[t];
                    STORE(to, v);
                })
            }
            SSD_GEMM(0, 0, count, width, count, 1, weights, SSD_CHUNK, driven, width, 1, y_head, y_stride);
            SSD_GEMM(1, 0, width, states, count, 1, kept, width, b_chunk, b_stride, empty ? 0 : since[count - 1], s, states);
        }
    }
}

static void FN(ssd_recurrence)(int64_t tokens, int64_t heads, int64_t width, int64_t states, const REAL *x,
                               int64_t x_stride, const REAL *step, const REAL *decay, int64_t head_stride, const REAL *b,
                               int64_t b_stride, const REAL *c_, int64_t c_stride, const REAL *skip, REAL *y,
                               int64_t y_stride, REAL *state) {
    for (int64_t t = 0; t < tokens; t++) {
        const REAL *b_t = b + t * b_stride, *c_t = c_ + t * c_stride;
        for (int64_t h = 0; h < heads; h++) {
            const REAL keep = decay[t * head_stride + h], factor = step[t * head_stride + h];
            REAL *s = state + h * width * states;
            for (int64_t p = 0; p < width; p++, s += states) {
                const REAL value = x[t * x_stride + h * width + p], drive = factor * value;
                V sum = 0;
                EACH_VECTOR(i, states, {
                    const V next = LOAD(s) * keep + LOAD(b_t) * drive;
                    STORE(s, next);
                    sum += next * LOAD(c_t);
                })
                y[t * y_stride + h * width + p] = FN(sum_lanes)(sum) + skip[h] * value;
            }
        }
    }
}

#include "ssd_backward.h"
#undef SSD_CHUNK
#undef SSD_GEMM
