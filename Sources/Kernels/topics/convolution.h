// Short causal depthwise convolution: tiles of channels whose weights are laid out tap by tap.

#define CONVOLUTION_CHANNELS (4 * LANES)
#define CONVOLUTION_TAPS 32

/// Weights of `count` channels from [channel][tap] to [tap][channel], zeros behind `count`.
static void FN(convolution_taps)(int64_t count, int64_t width, const REAL *weight, REAL *taps) {
    for (int64_t j = 0; j < width; j++) {
        for (int64_t c = 0; c < CONVOLUTION_CHANNELS; c++) {
            taps[j * CONVOLUTION_CHANNELS + c] = c < count ? weight[c * width + j] : 0;
        }
    }
}

/// y[t] for one tile of channels before the SiLU; `x` and `y` point at the tile's first channel.
INLINE V FN(convolution_at)(int64_t t, int64_t width, const REAL *x, int64_t x_stride, const REAL *history,
                            int64_t history_stride, const REAL *taps, int64_t taps_stride, V start, int64_t i,
                            int64_t left) {
    V sum = start;
    for (int64_t j = 0; j < width; j++) {
        int64_t source = t - (width - 1) + j;
        if (source >= 0) {
            sum += LOAD(taps + j * taps_stride) * LOAD(x + source * x_stride);
        } else if (history) {
            sum += LOAD(taps + j * taps_stride) * LOAD(history + (source + width - 1) * history_stride);
        }
    }
    return sum;
}

/// All tokens of one vector of channels; a constant `width` unrolls the taps and keeps their weights in registers.
INLINE void FN(convolution_lane)(int64_t tokens, int64_t width, int32_t silu, const REAL *x, int64_t x_stride,
                                 const REAL *history, int64_t history_stride, const REAL *taps, const REAL *bias,
                                 REAL *y, int64_t y_stride, int64_t i, int64_t left) {
    V start = bias ? LOAD(bias) : (V)(0);
    int64_t t = 0;
    for (; t < tokens && t < width - 1; t++) {
        V sum = FN(convolution_at)(t, width, x, x_stride, history, history_stride, taps, CONVOLUTION_CHANNELS, start, i, left);
        if (silu) sum *= FN(vsigmoid)(sum);
        STORE(y + t * y_stride, sum);
    }
    for (; t < tokens; t++) {
        V sum = start;
        const REAL *from = x + (t - (width - 1)) * x_stride;
        for (int64_t j = 0; j < width; j++) sum += LOAD(taps + j * CONVOLUTION_CHANNELS) * LOAD(from + j * x_stride);
        if (silu) sum *= FN(vsigmoid)(sum);
        STORE(y + t * y_stride, sum);
    }
}

static void FN(causal_convolution)(int64_t tokens, int64_t channels, int64_t width, int32_t silu, const REAL *x,
                                   int64_t x_stride, const REAL *weight, const REAL *bias, const REAL *history,
                                   REAL *y, int64_t y_stride) {
    REAL taps[CONVOLUTION_TAPS * CONVOLUTION_CHANNELS];
    if (width > CONVOLUTION_TAPS) {
        // Longer than any published model's: right, but without speed.
        for (int64_t t = 0; t < tokens; t++) {
            for (int64_t c = 0; c < channels; c++) {
                REAL sum = bias ? bias[c] : 0;
                for (int64_t j = 0; j < width; j++) {
                    int64_t source = t - (width - 1) + j;
                    REAL value = source >= 0 ? x[source * x_stride + c] : history ? history[(source + width - 1) * channels + c] : 0;
                    sum += weight[c * width + j] * value;
                }
                y[t * y_stride + c] = sum;
            }
            if (silu) {
                REAL *row = y + t * y_stride;
                EACH_VECTOR(i, channels, V v = LOAD(row); STORE(row, v * FN(vsigmoid)(v));)
            }
        }
        return;
    }
    for (int64_t c = 0; c < channels; c += CONVOLUTION_CHANNELS) {
        int64_t count = channels - c < CONVOLUTION_CHANNELS ? channels - c : CONVOLUTION_CHANNELS;
        FN(convolution_taps)(count, width, weight + c * width, taps);
        const REAL *past = history ? history + c : NULL;
        const REAL *tile_bias = bias ? bias + c : NULL;
        EACH_VECTOR(i, count, {
            if (width == 4) {
                FN(convolution_lane)(tokens, 4, silu, x + c, x_stride, past, channels, taps, tile_bias, y + c, y_stride, i, left);
            } else {
                FN(convolution_lane)(tokens, width, silu, x + c, x_stride, past, channels, taps, tile_bias, y + c, y_stride, i, left);
            }
        })
    }
}

/// `some` taps (a constant, for speed) of one vector of channels: the first reaches `shift` tokens ahead, each other one
/// less. dx is added to when `adds`; sums[tap] takes the taps' gradients.
INLINE void FN(convolution_taps_backward)(int64_t some, int64_t tokens, int64_t shift, int adds, const REAL *g,
                                          int64_t g_stride, const REAL *x, int64_t x_stride, const REAL *taps, REAL *dx,
                                          int64_t dx_stride, V *sums, int64_t i, int64_t left) {
    int64_t t = 0;
    for (; t + shift < tokens; t++) {
        REAL *target = dx + t * dx_stride;
        V d = adds ? LOAD(target) : (V)(0);
        const V value = LOAD(x + t * x_stride);
        for (int64_t tap = 0; tap < some; tap++) {
            V later = LOAD(g + (t + shift - tap) * g_stride);
            d += LOAD(taps + tap * CONVOLUTION_CHANNELS) * later;
            sums[tap] += later * value;
        }
        STORE(target, d);
    }
    // The last tokens have fewer than `shift` behind them: their farther taps fall away.
    for (; t < tokens; t++) {
        REAL *target = dx + t * dx_stride;
        V d = adds ? LOAD(target) : (V)(0);
        const V value = LOAD(x + t * x_stride);
        const int64_t least = t + shift - tokens + 1;
        for (int64_t tap = least; tap < some; tap++) {
            V later = LOAD(g + (t + shift - tap) * g_stride);
            d += LOAD(taps + tap * CONVOLUTION_CHANNELS) * later;
            sums[tap] += later * value;
        }
        STORE(target, d);
    }
}

/// g = dy * silu'(argument); dx[t] = sum over j of weight[j] g[t + width - 1 - j]; dweight[j] += sum over t of g[t] x[t - (width - 1) + j].
static void FN(causal_convolution_backward)(int64_t tokens, int64_t channels, int64_t width, int32_t silu,
                                            const REAL *x, int64_t x_stride, const REAL *weight, const REAL *bias,
                                            const REAL *dy, int64_t dy_stride, REAL *dx, int64_t dx_stride,
                                            REAL *dweight, REAL *dbias, REAL *workspace) {
    REAL *g = workspace;
    if (silu) FN(causal_convolution)(tokens, channels, width, 0, x, x_stride, weight, bias, NULL, g, channels);
    for (int64_t t = 0; t < tokens; t++) {
        REAL *row = g + t * channels;
        const REAL *gradient = dy + t * dy_stride;
        EACH_VECTOR(i, channels, {
            V d = LOAD(gradient);
            if (silu) {
                V v = LOAD(row);
                V s = FN(vsigmoid)(v);
                d *= s + v * s * (S(1) - s);
            }
            STORE(row, d);
        })
        if (dbias) EACH_VECTOR(i, channels, STORE(dbias, LOAD(dbias) + LOAD(row));)
    }
    // Four taps in one pass over the tokens; longer filters pass again and add.
    REAL taps[4 * CONVOLUTION_CHANNELS];
    for (int64_t c = 0; c < channels; c += CONVOLUTION_CHANNELS) {
        const int64_t count = channels - c < CONVOLUTION_CHANNELS ? channels - c : CONVOLUTION_CHANNELS;
        for (int64_t j = 0; j < width; j += 4) {
            const int64_t some = width - j < 4 ? width - j : 4;
            for (int64_t tap = 0; tap < some; tap++) {
                for (int64_t e = 0; e < count; e++) taps[tap * CONVOLUTION_CHANNELS + e] = weight[(c + e) * width + j + tap];
            }
            EACH_VECTOR(i, count, {
                V sums[4] = {0, 0, 0, 0};
                if (some == 4) {
                    FN(convolution_taps_backward)(4, tokens, width - 1 - j, j > 0, g + c, channels, x + c, x_stride, taps, dx + c, dx_stride, sums, i, left);
                } else {
                    FN(convolution_taps_backward)(some, tokens, width - 1 - j, j > 0, g + c, channels, x + c, x_stride, taps, dx + c, dx_stride, sums, i, left);
                }
                for (int64_t tap = 0; tap < some; tap++) {
                    for (int64_t lane = 0; lane < left; lane++) dweight[(c + i + lane) * width + j + tap] += sums[tap][lane];
                }
            })
        }
    }
}
#undef CONVOLUTION_CHANNELS
#undef CONVOLUTION_TAPS
