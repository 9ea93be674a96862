// The weighted average of RWKV-4 (arXiv:2305.13048, equation 16 and appendix D): channels are lanes, tokens pass one by one.
//
// Numerator and denominator are kept as a e^p and b e^p, p the largest exponent so far, so that no key overflows:
//   read    q = max(p, u + k):  y = (e^(p-q) a + e^(u+k-q) v) / (e^(p-q) b + e^(u+k-q))
//   write   s = max(p + w, k):  a = e^(p+w-s) a + e^(k-s) v,  b = e^(p+w-s) b + e^(k-s),  p = s
// Of the two factors of each line one is 1, so there are two exponentials a token.

#define WKV4_CHUNK 32
/// Tokens that memory is asked for ahead.
#define WKV4_AHEAD 6

static int64_t FN(wkv4_chunk)(void) { return WKV4_CHUNK; }

/// e^(old - larger) and e^(fresh - larger) for the larger of two exponents.
INLINE V FN(wkv4_factors)(V old, V fresh, V *of_old, V *of_fresh) {
    const V one = S(1), rise = fresh - old, part = FN(vexp)(-FN(magnitude)(rise));
    *of_old = rise > (V)(0) ? part : one;
    *of_fresh = rise > (V)(0) ? one : part;
    return rise > (V)(0) ? fresh : old;
}

INLINE void FN(wkv4_lane)(int64_t tokens, int64_t left, V w, V u, const REAL *k_, int64_t k_stride, const REAL *v_,
                          int64_t v_stride, REAL *y, int64_t y_stride, REAL *numerator, REAL *denominator,
                          REAL *exponent, REAL *checkpoints, int64_t channels) {
    const int64_t i = 0;
    V a = LOAD(numerator), b = LOAD(denominator), p = LOAD(exponent);
    for (int64_t t = 0; t < tokens; t++, k_ += k_stride, v_ += v_stride, y += y_stride) {
        if (checkpoints && t % WKV4_CHUNK == 0) {
            STORE(checkpoints, a);
            STORE(checkpoints + channels, b);
            STORE(checkpoints + 2 * channels, p);
            checkpoints += 3 * channels;
        }
        __builtin_prefetch(k_ + WKV4_AHEAD * k_stride);
        __builtin_prefetch(v_ + WKV4_AHEAD * v_stride);
        __builtin_prefetch(y + WKV4_AHEAD * y_stride, 1);
        const V k = LOAD(k_), v = LOAD(v_);
        V old, fresh;
        FN(wkv4_factors)(p, u + k, &old, &fresh);
        STORE(y, (old * a + fresh * v) / (old * b + fresh));
        p = FN(wkv4_factors)(p + w, k, &old, &fresh);
        a = old * a + fresh * v;
        b = old * b + fresh;
    }
    STORE(numerator, a);
    STORE(denominator, b);
    STORE(exponent, p);
}

static void FN(wkv4)(int64_t tokens, int64_t channels, const REAL *w, const REAL *u, const REAL *k, int64_t k_stride,
                     const REAL *v, int64_t v_stride, REAL *y, int64_t y_stride, REAL *numerator, REAL *denominator,
                     REAL *exponent, REAL *checkpoints) {
    EACH_VECTOR(i, channels, {
        FN(wkv4_lane)(tokens, left, LOAD(w), LOAD(u), k + i, k_stride, v + i, v_stride, y + i, y_stride, numerator + i,
                      denominator + i, exponent + i, checkpoints ? checkpoints + i : checkpoints, channels);
    })
}

// The way back: with m the read's denominator, n = dy / m and A, B the gradients of a, b in units of e^-p (no larger than what
// they come from, since every factor is at most 1):
//   dv = fresh_read n + fresh_write A                 dk = fresh_read n (v - y) + fresh_write (v A + B)
//   du = fresh_read n (v - y)                         dw = old_write (a A + b B)
//   A <- old_read n + old_write A                     B <- old_write B - old_read n y
INLINE void FN(wkv4_chunk_backward)(int64_t tokens, int64_t left, V w, V u, const REAL *k_, int64_t k_stride,
                                    const REAL *v_, int64_t v_stride, const REAL *saved, int64_t channels,
                                    const REAL *dy, int64_t dy_stride, REAL *dk, int64_t dk_stride, REAL *dv,
                                    int64_t dv_stride, V *dw, V *du, V *da, V *db) {
    const int64_t i = 0;
    V as[WKV4_CHUNK], bs[WKV4_CHUNK], old_read[WKV4_CHUNK], fresh_read[WKV4_CHUNK], old_write[WKV4_CHUNK],
        fresh_write[WKV4_CHUNK];
    V a = LOAD(saved), b = LOAD(saved + channels), p = LOAD(saved + 2 * channels);
    for (int64_t t = 0; t < tokens; t++) {
        __builtin_prefetch(dy + t * dy_stride);
        __builtin_prefetch(dk + t * dk_stride, 1);
        __builtin_prefetch(dv + t * dv_stride, 1);
        const V k = LOAD(k_ + t * k_stride), v = LOAD(v_ + t * v_stride);
        as[t] = a;
        bs[t] = b;
        FN(wkv4_factors)(p, u + k, &old_read[t], &fresh_read[t]);
        p = FN(wkv4_factors)(p + w, k, &old_write[t], &fresh_write[t]);
        a = old_write[t] * a + fresh_write[t] * v;
        b = old_write[t] * b + fresh_write[t];
    }
    for (int64_t t = tokens - 1; t >= 0; t--) {
        const V v = LOAD(v_ + t * v_stride), per_sum = S(1) / (old_read[t] * bs[t] + fresh_read[t]);
        const V y = (old_read[t] * as[t] + fresh_read[t] * v) * per_sum, n = LOAD(dy + t * dy_stride) * per_sum;
        const V read = fresh_read[t] * n, through_key = read * (v - y);
        STORE(dv + t * dv_stride, read + fresh_write[t] * *da);
        STORE(dk + t * dk_stride, through_key + fresh_write[t] * (v * *da + *db));
        *du += through_key;
        *dw += old_write[t] * (as[t] * *da + bs[t] * *db);
        *da = old_read[t] * n + old_write[t] * *da;
        *db = old_write[t] * *db - old_read[t] * n * y;
    }
}

static void FN(wkv4_backward)(int64_t tokens, int64_t channels, const REAL *w_, const REAL *u_, const REAL *k,
                              int64_t k_stride, const REAL *v, int64_t v_stride, const REAL *checkpoints,
                              const REAL *dy, int64_t dy_stride, REAL *dw_, REAL *du_, REAL *dk, int64_t dk_stride,
                              REAL *dv, int64_t dv_stride) {
    EACH_VECTOR(i, channels, {
        const V w = LOAD(w_), u = LOAD(u_);
        V dw = LOAD(dw_), du = LOAD(du_), da = 0, db = 0;
        for (int64_t begin = (tokens - 1) / WKV4_CHUNK * WKV4_CHUNK; begin >= 0 && tokens > 0; begin -= WKV4_CHUNK) {
            const int64_t count = tokens - begin < WKV4_CHUNK ? tokens - begin : WKV4_CHUNK;
            FN(wkv4_chunk_backward)(count, left, w, u, k + begin * k_stride + i, k_stride, v + begin * v_stride + i,
                                    v_stride, checkpoints + begin / WKV4_CHUNK * 3 * channels + i, channels,
                                    dy + begin * dy_stride + i, dy_stride, dk + begin * dk_stride + i, dk_stride,
                                    dv + begin * dv_stride + i, dv_stride, &dw, &du, &da, &db);
        }
        STORE(dw_, dw);
        STORE(du_, du);
    })
}
