// Long causal convolution. Lanes are channels; two vectors of channels are the real and the imaginary part of one complex sequence, since
// a real sequence fills half of a complex transform.
//
// A transform rounds every output by what every input is, the later ones too. So that the past does not see even that of the future, tokens
// h m ... h (m + 1) - 1 get what the h before them say by one transform of length 2 h, for h = 64, 128, ... and odd m: each pair of
// blocks is met once, and within a block of 64 the sum is taken directly.
#include "fourier.h"

#define CONVOLUTION_BLOCK 64

static int64_t FN(long_convolution_channels)(void) { return 2 * LANES; }

/// Blocks of 64, doubled until they hold `tokens`.
INLINE int64_t FN(convolution_padded)(int64_t tokens) {
    int64_t padded = CONVOLUTION_BLOCK;
    while (padded < tokens) padded *= 2;
    return padded;
}

static int64_t FN(long_convolution_roots)(int64_t tokens) { return 2 * FN(convolution_padded)(tokens); }

/// The input, the filter and the output, one transform, and two numbers of half of each level's spectrum; the filter's gradient needs
/// three transforms of double length. Levels' spectra have one element more than half of them.
static int64_t FN(long_convolution_workspace)(int64_t tokens) {
    return (12 * FN(convolution_padded)(tokens) + 4 * 64) * LANES;
}

static void FN(roots_of_unity)(int64_t n, REAL *roots) {
    for (int64_t j = 0; j < n; j++) {
        const double angle = -2 * 3.14159265358979323846 * (double)j / (double)n;
        roots[2 * j] = (REAL)cos(angle);
        roots[2 * j + 1] = (REAL)sin(angle);
    }
}

/// Rows of up to 2 LANES channels as complex elements, zeros behind `tokens` up to `padded`.
static void FN(convolution_gather)(int64_t tokens, int64_t padded, int64_t channels, int32_t reversed, const REAL *x,
                                   int64_t stride, REAL *z) {
    const int64_t first = channels < LANES ? channels : LANES, second = channels - first;
    for (int64_t t = 0; t < tokens; t++, z += 2 * LANES) {
        const REAL *row = x + (reversed ? tokens - 1 - t : t) * stride;
        FN(store)(z, FN(load_part)(row, first));
        FN(store)(z + LANES, second > 0 ? FN(load_part)(row + LANES, second) : (V)(0));
    }
    __builtin_memset(z, 0, (size_t)((padded - tokens) * 2 * LANES) * sizeof(REAL));
}

static void FN(convolution_spread)(int64_t tokens, int64_t channels, int32_t reversed, const REAL *z, REAL *y,
                                   int64_t stride) {
    const int64_t first = channels < LANES ? channels : LANES, second = channels - first;
    for (int64_t t = 0; t < tokens; t++, z += 2 * LANES) {
        REAL *row = y + (reversed ? tokens - 1 - t : t) * stride;
        FN(store_part)(row, FN(load)(z), first);
        if (second > 0) FN(store_part)(row + LANES, FN(load)(z + LANES), second);
    }
}

/// y = filter * x within one block, one vector of channels.
INLINE void FN(convolution_direct)(int64_t count, const REAL *x, const REAL *filter, REAL *y) {
    const int64_t row = 2 * LANES;
    for (int64_t t = 0; t < count; t += 4) {
        V sum[4] = {0, 0, 0, 0};
        for (int64_t s = 0; s < t; s += 4) {
            const REAL *taps = filter + (t - s) * row;
#pragma clang loop unroll(full)
            for (int a = 0; a < 4; a++) {
                const V value = FN(load)(x + (s + a) * row);
#pragma clang loop unroll(full)
                for (int i = 0; i < 4; i++) sum[i] += value * FN(load)(taps + (i - a) * row);
            }
        }
#pragma clang loop unroll(full)
        for (int a = 0; a < 4; a++) {
            const V value = FN(load)(x + (t + a) * row);
#pragma clang loop unroll(full)
            for (int i = a; i < 4; i++) sum[i] += value * FN(load)(filter + (i - a) * row);
        }
        for (int i = 0; i < 4; i++) FN(store)(y + (t + i) * row, sum[i]);
    }
}

/// Runs the body for the places `p`, `q` of frequencies k and -k in bit-reversed order, each pair once.
#define EACH_FREQUENCY(n, ...)                                                    \
    {                                                                             \
        for (int64_t p = 0; p < 2; p++) {                                         \
            const int64_t q = p;                                                  \
            __VA_ARGS__                                                           \
        }                                                                         \
        for (int64_t octave = 2; octave < (n); octave *= 2) {                     \
            for (int64_t p = octave, q = 2 * octave - 1; p < q; p++, q--) {       \
                __VA_ARGS__                                                       \
            }                                                                     \
        }                                                                         \
    }

/// The spectrum of 2 h taps for `convolution_multiply`, in `n / 2 + 1` elements of four vectors: with the filters a, b of the two
/// vectors of channels, the transforms of (a + b) / 2 and of (a - b) / 2, over n for the way back.
static void FN(convolution_spectrum)(int64_t n, const REAL *filter, const REAL *roots, int64_t step, REAL *work,
                                     REAL *spectrum) {
    const REAL scale = S(0.5) / (REAL)n;
    for (int64_t j = 0; j < n; j++) {
        V a = FN(load)(filter + 2 * j * LANES), b = FN(load)(filter + (2 * j + 1) * LANES);
        FN(store)(work + 2 * j * LANES, (a + b) * scale);
        FN(store)(work + (2 * j + 1) * LANES, (a - b) * scale);
    }
    FN(fourier_down)(n, roots, step, work);
    EACH_FREQUENCY(n, {
        const REAL *f = work + 2 * p * LANES;
        const REAL *g = work + 2 * q * LANES;
        V fr = FN(load)(f), fi = FN(load)(f + LANES), gr = FN(load)(g), gi = FN(load)(g + LANES);
        FN(store)(spectrum, (fr + gr) * S(0.5));
        FN(store)(spectrum + LANES, (fi - gi) * S(0.5));
        FN(store)(spectrum + 2 * LANES, (fi + gi) * S(0.5));
        FN(store)(spectrum + 3 * LANES, (gr - fr) * S(0.5));
        spectrum += 4 * LANES;
    })
}

/// z = a + i b becomes the product of each part with its filter: Y(k) = P(k) Z(k) + M(k) conj Z(-k).
static void FN(convolution_multiply)(int64_t n, const REAL *spectrum, REAL *z) {
    EACH_FREQUENCY(n, {
        REAL *f = z + 2 * p * LANES;
        REAL *g = z + 2 * q * LANES;
        V fr = FN(load)(f), fi = FN(load)(f + LANES), gr = FN(load)(g), gi = FN(load)(g + LANES);
        V pr = FN(load)(spectrum), pi = FN(load)(spectrum + LANES);
        V mr = FN(load)(spectrum + 2 * LANES), mi = FN(load)(spectrum + 3 * LANES);
        FN(store)(g, pr * gr + pi * gi + mr * fr - mi * fi);
        FN(store)(g + LANES, pr * gi - pi * gr - mr * fi - mi * fr);
        FN(store)(f, pr * fr - pi * fi + mr * gr + mi * gi);
        FN(store)(f + LANES, pr * fi + pi * fr - mr * gi + mi * gr);
        spectrum += 4 * LANES;
    })
}

static void FN(long_convolution)(int64_t rows, int64_t tokens, int64_t channels, int32_t reversed, const REAL *x,
                                 int64_t x_stride, const REAL *filter, int64_t filter_stride, REAL *y, int64_t y_stride,
                                 const REAL *roots, REAL *workspace) {
    const int64_t padded = FN(convolution_padded)(tokens), element = 2 * LANES;
    REAL *taps = workspace, *input = taps + padded * element, *output = input + padded * element;
    REAL *work = output + padded * element, *spectra = work + padded * element;
    FN(convolution_gather)(tokens, padded, channels, 0, filter, filter_stride, taps);
    REAL *spectrum = spectra;
    for (int64_t half = CONVOLUTION_BLOCK; half < padded; half *= 2) {
        FN(convolution_spectrum)(2 * half, taps, roots, padded / half, work, spectrum);
        spectrum += (half + 1) * 4 * LANES;
    }
    for (int64_t r = 0; r < rows; r++) {
        FN(convolution_gather)(tokens, padded, channels, reversed, x + r * tokens * x_stride, x_stride, input);
        for (int64_t begin = 0; begin < tokens; begin += CONVOLUTION_BLOCK) {
            const int64_t count = tokens - begin < CONVOLUTION_BLOCK ? tokens - begin : CONVOLUTION_BLOCK;
            FN(convolution_direct)(count, input + begin * element, taps, output + begin * element);
            if (channels > LANES) {
                FN(convolution_direct)(count, input + begin * element + LANES, taps + LANES, output + begin * element + LANES);
            }
        }
        spectrum = spectra;
        for (int64_t half = CONVOLUTION_BLOCK; half < padded; half *= 2) {
            const size_t bytes = (size_t)(half * element) * sizeof(REAL);
            for (int64_t begin = half; begin < tokens; begin += 2 * half) {
                __builtin_memcpy(work, input + (begin - half) * element, bytes);
                __builtin_memset(work + half * element, 0, bytes);
                FN(fourier_down)(2 * half, roots, padded / half, work);
                FN(convolution_multiply)(2 * half, spectrum, work);
                FN(fourier_up)(2 * half, roots, padded / half, work);
                const int64_t count = tokens - begin < half ? tokens - begin : half;
                REAL *to = output + begin * element;
                for (int64_t i = 0; i < count * element; i += LANES) {
                    FN(store)(to + i, FN(load)(to + i) + FN(load)(work + half * element + i));
                }
            }
            spectrum += (half + 1) * 4 * LANES;
        }
        FN(convolution_spread)(tokens, channels, reversed, output, y + r * tokens * y_stride, y_stride);
    }
}

/// Two sequences at a time, as real and imaginary part: the real part of the correlation is the sum of theirs.
static void FN(long_convolution_filter_gradient)(int64_t rows, int64_t tokens, int64_t channels, const REAL *x,
                                                 int64_t x_stride, const REAL *dy, int64_t dy_stride, REAL *dfilter,
                                                 int64_t dfilter_stride, const REAL *roots, REAL *workspace) {
    const int64_t n = FN(long_convolution_roots)(tokens), element = 2 * LANES;
    REAL *z = workspace, *w = z + n * element, *sum = w + n * element;
    for (int64_t first = 0; first < channels; first += LANES) {
        const int64_t count = channels - first < LANES ? channels - first : LANES;
        __builtin_memset(sum, 0, (size_t)(n * element) * sizeof(REAL));
        for (int64_t r = 0; r < rows; r += 2) {
            for (int side = 0; side < 2; side++) {
                const int64_t stride = side ? dy_stride : x_stride;
                const REAL *one = (side ? dy : x) + r * tokens * stride + first, *two = one + tokens * stride;
                REAL *to = side ? w : z;
                for (int64_t t = 0; t < tokens; t++, to += element) {
                    FN(store)(to, FN(load_part)(one + t * stride, count));
                    FN(store)(to + LANES, r + 1 < rows ? FN(load_part)(two + t * stride, count) : (V)(0));
                }
                __builtin_memset(to, 0, (size_t)((n - tokens) * element) * sizeof(REAL));
                FN(fourier_down)(n, roots, 1, side ? w : z);
            }
            for (int64_t i = 0; i < n * element; i += element) {
                V zr = FN(load)(z + i), zi = FN(load)(z + i + LANES), wr = FN(load)(w + i), wi = FN(load)(w + i + LANES);
                FN(store)(sum + i, FN(load)(sum + i) + zr * wr + zi * wi);
                FN(store)(sum + i + LANES, FN(load)(sum + i + LANES) + zr * wi - zi * wr);
            }
        }
        FN(fourier_up)(n, roots, 1, sum);
        const REAL scale = S(1) / (REAL)n;
        for (int64_t t = 0; t < tokens; t++) {
            REAL *to = dfilter + t * dfilter_stride + first;
            FN(store_part)(to, FN(load_part)(to, count) + FN(load)(sum + t * element) * scale, count);
        }
    }
}
/// `some` tokens (a constant) of one vector of channels, from `past` rows before them.
INLINE void FN(history_rows)(int some, int64_t past, const REAL *history, int64_t history_stride, const REAL *filter,
                             int64_t filter_stride, REAL *y, int64_t y_stride, int64_t i, int64_t left) {
    V sum[4] = {0, 0, 0, 0};
    for (int64_t s = 0; s < past; s++) {
        const V value = LOAD(history + s * history_stride);
        const REAL *taps = filter + (past - s) * filter_stride;
        for (int r = 0; r < some; r++) sum[r] += value * LOAD(taps + r * filter_stride);
    }
    for (int r = 0; r < some; r++) STORE(y + r * y_stride, sum[r]);
}

static void FN(history_convolution)(int64_t past, int64_t tokens, int64_t channels, const REAL *history,
                                    int64_t history_stride, const REAL *filter, int64_t filter_stride, REAL *y,
                                    int64_t y_stride) {
    int64_t t = 0;
    for (; t + 4 <= tokens; t += 4) {
        EACH_VECTOR(i, channels, {
            FN(history_rows)(4, past, history, history_stride, filter + t * filter_stride, filter_stride, y + t * y_stride,
                             y_stride, i, left);
        })
    }
    for (; t < tokens; t++) {
        EACH_VECTOR(i, channels, {
            FN(history_rows)(1, past, history, history_stride, filter + t * filter_stride, filter_stride, y + t * y_stride,
                             y_stride, i, left);
        })
    }
}
#undef EACH_FREQUENCY
#undef CONVOLUTION_BLOCK
#undef TURN_REAL
#undef TURN_IMAGINARY
