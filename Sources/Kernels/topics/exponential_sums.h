// filter[t] = sum over n of Re(amplitude exp(rate t)), in tiles of tokens: exp(rate (t0 + j)) = exp(rate t0) exp(rate j), the first factor carried
// from tile to tile in double precision, the second one of a table. So (T / 32 + 32) N powers serve T N terms, no phase is a
// product of a large time with a rounded rate, and nothing of T times N is kept.

#define SUM_TILE 32

/// Doubles: the running powers, the powers of a tile's length, the sums of the way back; then the table, both parts of one
/// tile's factors, and a channel's taps.
static int64_t FN(exponential_sums_workspace)(int64_t tokens, int64_t states) {
    const int64_t padded = (states + LANES - 1) / LANES * LANES, taps = (tokens + SUM_TILE - 1) / SUM_TILE * SUM_TILE;
    return 8 * states * (int64_t)(sizeof(double) / sizeof(REAL)) + 2 * padded * SUM_TILE + 4 * padded + taps;
}

typedef struct {
    double *power, *step, *first, *second;  // [N, 2] each
    REAL *table;                            // [N][2][SUM_TILE] or [SUM_TILE][2][N]
    REAL *factors;                          // 4 padded N
    REAL *taps;                             // [T]
} FN(sums_memory);

INLINE FN(sums_memory) FN(sums_memory_of)(int64_t states, REAL *workspace) {
    const int64_t padded = (states + LANES - 1) / LANES * LANES;
    FN(sums_memory) m;
    m.power = (double *)workspace;
    m.step = m.power + 2 * states;
    m.first = m.step + 2 * states;
    m.second = m.first + 2 * states;
    m.table = (REAL *)(m.second + 2 * states);
    m.factors = m.table + 2 * padded * SUM_TILE;
    m.taps = m.factors + 4 * padded;
    return m;
}

/// Powers 0 ... SUM_TILE - 1 of exp(rate) into `m.table`, power SUM_TILE into `m.step`; the running power is 1.
static void FN(sums_table)(int64_t states, const REAL *rate_real, const REAL *rate_imaginary, int by_state,
                           FN(sums_memory) m) {
    const int64_t padded = (states + LANES - 1) / LANES * LANES;
    if (!by_state) __builtin_memset(m.table, 0, (size_t)(2 * padded * SUM_TILE) * sizeof(REAL));
    for (int64_t n = 0; n < states; n++) {
        const double size = exp((double)rate_real[n]), angle = (double)rate_imaginary[n];
        const double re = size * cos(angle), im = size * sin(angle);
        double pr = 1, pi = 0;
        for (int64_t j = 0; j < SUM_TILE; j++) {
            if (by_state) {
                m.table[2 * n * SUM_TILE + j] = (REAL)pr;
                m.table[(2 * n + 1) * SUM_TILE + j] = (REAL)pi;
            } else {
                m.table[2 * j * padded + n] = (REAL)pr;
                m.table[(2 * j + 1) * padded + n] = (REAL)pi;
            }
            const double next = pr * re - pi * im;
            pi = pr * im + pi * re;
            pr = next;
        }
        m.step[2 * n] = pr;
        m.step[2 * n + 1] = pi;
        m.power[2 * n] = 1;
        m.power[2 * n + 1] = 0;
    }
}

INLINE void FN(sums_advance)(int64_t states, FN(sums_memory) m) {
    for (int64_t n = 0; n < states; n++) {
        const double pr = m.power[2 * n], pi = m.power[2 * n + 1], sr = m.step[2 * n], si = m.step[2 * n + 1];
        m.power[2 * n] = pr * sr - pi * si;
        m.power[2 * n + 1] = pr * si + pi * sr;
    }
}

static void FN(exponential_sums)(int64_t tokens, int64_t channels, int64_t states, const REAL *amplitude_real,
                                 const REAL *amplitude_imaginary, const REAL *rate_real, const REAL *rate_imaginary,
                                 REAL *filter, int64_t filter_stride, REAL *workspace) {
    const FN(sums_memory) m = FN(sums_memory_of)(states, workspace);
    REAL *re = m.factors, *im = re + states;
    for (int64_t c = 0; c < channels; c++) {
        const REAL *ar = amplitude_real + c * states, *ai = amplitude_imaginary + c * states;
        FN(sums_table)(states, rate_real + c * states, rate_imaginary + c * states, 1, m);
        for (int64_t begin = 0; begin < tokens; begin += SUM_TILE) {
            for (int64_t n = 0; n < states; n++) {
                const double pr = m.power[2 * n], pi = m.power[2 * n + 1];
                re[n] = (REAL)((double)ar[n] * pr - (double)ai[n] * pi);
                im[n] = (REAL)((double)ar[n] * pi + (double)ai[n] * pr);
            }
            for (int64_t j = 0; j < SUM_TILE; j += LANES) {
                V sum = 0;
                for (int64_t n = 0; n < states; n++) {
                    sum += FN(load)(m.table + 2 * n * SUM_TILE + j) * re[n];
                    sum -= FN(load)(m.table + (2 * n + 1) * SUM_TILE + j) * im[n];
                }
                FN(store)(m.taps + begin + j, sum);
            }
            FN(sums_advance)(states, m);
        }
        for (int64_t t = 0; t < tokens; t++) filter[t * filter_stride + c] = m.taps[t];
    }
}

/// With z = exp(rate t): S0 = sum of dfilter z, S1 = sum of t dfilter z; the amplitude gets conj(S0), the rate conj(amplitude S1).
static void FN(exponential_sums_backward)(int64_t tokens, int64_t channels, int64_t states, const REAL *amplitude_real,
                                          const REAL *amplitude_imaginary, const REAL *rate_real,
                                          const REAL *rate_imaginary, const REAL *dfilter, int64_t dfilter_stride,
                                          REAL *damplitude_real, REAL *damplitude_imaginary, REAL *drate_real,
                                          REAL *drate_imaginary, REAL *workspace) {
    const FN(sums_memory) m = FN(sums_memory_of)(states, workspace);
    const int64_t padded = (states + LANES - 1) / LANES * LANES;
    REAL *flat_real = m.factors, *flat_imaginary = flat_real + padded;
    REAL *slope_real = flat_imaginary + padded, *slope_imaginary = slope_real + padded;
    for (int64_t c = 0; c < channels; c++) {
        FN(sums_table)(states, rate_real + c * states, rate_imaginary + c * states, 0, m);
        for (int64_t n = 0; n < 2 * states; n++) m.first[n] = m.second[n] = 0;
        for (int64_t t = 0; t < tokens; t++) m.taps[t] = dfilter[t * dfilter_stride + c];
        for (int64_t begin = 0; begin < tokens; begin += SUM_TILE) {
            const int64_t count = tokens - begin < SUM_TILE ? tokens - begin : SUM_TILE;
            const REAL *taps = m.taps + begin;
            for (int64_t n = 0; n < padded; n += LANES) {
                V fr = 0, fi = 0, sr = 0, si = 0;
                for (int64_t j = 0; j < count; j++) {
                    const V pr = FN(load)(m.table + 2 * j * padded + n), pi = FN(load)(m.table + (2 * j + 1) * padded + n);
                    const REAL tap = taps[j], later = (REAL)j * tap;
                    fr += pr * tap;
                    fi += pi * tap;
                    sr += pr * later;
                    si += pi * later;
                }
                FN(store)(flat_real + n, fr);
                FN(store)(flat_imaginary + n, fi);
                FN(store)(slope_real + n, sr);
                FN(store)(slope_imaginary + n, si);
            }
            for (int64_t n = 0; n < states; n++) {
                const double pr = m.power[2 * n], pi = m.power[2 * n + 1], fr = flat_real[n], fi = flat_imaginary[n];
                const double sr = (double)begin * fr + slope_real[n], si = (double)begin * fi + slope_imaginary[n];
                m.first[2 * n] += pr * fr - pi * fi;
                m.first[2 * n + 1] += pr * fi + pi * fr;
                m.second[2 * n] += pr * sr - pi * si;
                m.second[2 * n + 1] += pr * si + pi * sr;
            }
            FN(sums_advance)(states, m);
        }
        for (int64_t n = 0; n < states; n++) {
            const int64_t at = c * states + n;
            const double ar = amplitude_real[at], ai = amplitude_imaginary[at];
            const double sr = m.second[2 * n], si = m.second[2 * n + 1];
            damplitude_real[at] = (REAL)m.first[2 * n];
            damplitude_imaginary[at] = (REAL)-m.first[2 * n + 1];
            drate_real[at] = (REAL)(ar * sr - ai * si);
            drate_imaginary[at] = (REAL)-(ar * si + ai * sr);
        }
    }
}

static void FN(exponential_recurrence)(int64_t tokens, int64_t channels, int64_t states, const REAL *u, int64_t u_stride,
                                       const REAL *decay_real, const REAL *decay_imaginary, const REAL *amplitude_real,
                                       const REAL *amplitude_imaginary, REAL *y, int64_t y_stride, REAL *state) {
    for (int64_t c = 0; c < channels; c++) {
        const REAL *dr = decay_real + c * states, *di = decay_imaginary + c * states;
        const REAL *ar = amplitude_real + c * states, *ai = amplitude_imaginary + c * states;
        REAL *re = state + 2 * c * states, *im = re + states;
        for (int64_t t = 0; t < tokens; t++) {
            const V input = (V)(u[t * u_stride + c]);
            V sum = 0;
            EACH_VECTOR(i, states, {
                const V keep = LOAD(dr), turn = LOAD(di), sr = LOAD(re), si = LOAD(im);
                const V next = keep * sr - turn * si + input;
                const V other = keep * si + turn * sr;
                STORE(re, next);
                STORE(im, other);
                sum += LOAD(ar) * next - LOAD(ai) * other;
            })
            y[t * y_stride + c] = FN(sum_lanes)(sum);
        }
    }
}
#undef SUM_TILE
