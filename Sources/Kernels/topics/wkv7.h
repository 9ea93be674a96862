// The generalised delta rule of RWKV-7 (arXiv:2503.14456, equation 17), one head of one sequence:
//   S <- S diag(w) - (S kappa) (kappa * a)^T + v k^T,   y = S r,   S [values, keys].
// In memory S is [keys][values]: forward the lanes are values, whose rows of S know nothing of each other, so that a tile of LANES
// rows stays in the first-level cache for the whole text and no sum crosses lanes.

#define WKV7_CHUNK 16

static int64_t FN(wkv7_chunk)(void) { return WKV7_CHUNK; }

static int64_t FN(wkv7_workspace)(int64_t size) { return size * LANES; }

/// One tile of values over all tokens. S kappa of the next token is summed while the state of this one is written.
INLINE void FN(wkv7_values)(int64_t tokens, int64_t size, int64_t left, const REAL *r, const REAL *w, const REAL *k,
                            const REAL *v, const REAL *kappa, const REAL *a, int64_t stride, REAL *y, int64_t y_stride,
                            REAL *state, REAL *removed, REAL *checkpoints, REAL *tile) {
    const int64_t i = 0;
    V held = 0;
    for (int64_t j = 0; j < size; j++) {
        const V s = LOAD(state + j * size);
        FN(store)(tile + j * LANES, s);
        held += s * kappa[j];
    }
    for (int64_t t = 0; t < tokens; t++) {
        if (checkpoints && t % WKV7_CHUNK == 0) {
            for (int64_t j = 0; j < size; j++) STORE(checkpoints + j * size, FN(load)(tile + j * LANES));
            checkpoints += size * size;
        }
        const V value = LOAD(v), taken = held;
        if (removed) {
            STORE(removed, taken);
            removed += stride;
        }
        const REAL *next_kappa = t + 1 < tokens ? kappa + stride : kappa;
        V out = 0;
        held = 0;
        for (int64_t j = 0; j < size; j++) {
            const V s = FN(load)(tile + j * LANES) * w[j] - taken * (kappa[j] * a[j]) + value * k[j];
            FN(store)(tile + j * LANES, s);
            out += s * r[j];
            held += s * next_kappa[j];
        }
        STORE(y, out);
        r += stride;
        w += stride;
        k += stride;
        v += stride;
        kappa += stride;
        a += stride;
        y += y_stride;
    }
    for (int64_t j = 0; j < size; j++) STORE(state + j * size, FN(load)(tile + j * LANES));
}

static void FN(wkv7)(int64_t tokens, int64_t size, const REAL *r, const REAL *w, const REAL *k, const REAL *v,
                     const REAL *kappa, const REAL *a, int64_t stride, REAL *y, int64_t y_stride, REAL *state,
                     REAL *removed, REAL *checkpoints, REAL *workspace) {
    if (tokens <= 0) return;
    EACH_VECTOR(i, size, {
        FN(wkv7_values)(tokens, size, left, r, w, k, v + i, kappa, a, stride, y + i, y_stride, state + i,
                        removed ? removed + i : removed, checkpoints ? checkpoints + i : checkpoints, workspace);
    })
}

// The way back, chunks of tokens from the last to the first. The states before each token of a chunk are made again from its
// checkpoint; S kappa was kept ("removed"). Here lanes are keys. With G the gradient of S after token t, all later ones and y_t included:
//   dk = G^T v,  dw = sum over values of G S_(t-1),  d(kappa a) = -G^T removed,  d removed = -G (kappa a),  dv = G k,
//   dkappa = S_(t-1)^T d removed + a d(kappa a),  dr = S_t^T dy,
//   G <- G diag(w) + d removed kappa^T + dy_(t-1) r_(t-1)^T.
// What is summed over values is kept in lanes; what is summed over keys (dv and d removed of token t - 1, which the new G gives) is
// added up across the lanes of four vectors at once.

/// Rows of a token that the keys' side reads, each padded with zeros: r, k, kappa a of the token before, w and kappa of this one.
#define WKV7_ROWS 5

static int64_t FN(wkv7_backward_workspace)(int64_t size) {
    const int64_t padded = (size + LANES - 1) / LANES * LANES;
    return ((WKV7_CHUNK + 1) * size + WKV7_ROWS + 1) * padded;
}

/// The states before tokens 1 … of a chunk from that before token 0, for one vector of keys.
INLINE void FN(wkv7_remake)(int64_t tokens, int64_t size, int64_t padded, int64_t left, const REAL *w, const REAL *k,
                            const REAL *v, const REAL *kappa, const REAL *a, const REAL *removed, int64_t stride,
                            int64_t key, REAL *states) {
    const int64_t i = key;
    for (int64_t t = 0; t + 1 < tokens; t++) {
        const V keep = LOAD(w + t * stride), write = LOAD(k + t * stride);
        const V back = LOAD(kappa + t * stride) * LOAD(a + t * stride);
        const REAL *from = states + t * size * padded + key, *value = v + t * stride, *taken = removed + t * stride;
        REAL *to = states + (t + 1) * size * padded + key;
        for (int64_t n = 0; n < size; n++) {
            FN(store)(to + n * padded, FN(load)(from + n * padded) * keep - taken[n] * back + value[n] * write);
        }
    }
}

/// What one token sums over values, for one vector of keys.
INLINE void FN(wkv7_over_values)(int64_t size, int64_t padded, int64_t left, const REAL *w, const REAL *k, const REAL *v,
                                 const REAL *kappa, const REAL *a, const REAL *removed, const REAL *dy,
                                 REAL read_removed, REAL read_value, const REAL *dremoved, const REAL *before,
                                 const REAL *slopes, REAL *dr, REAL *dw, REAL *dk, REAL *dkappa, REAL *da, int64_t key) {
    const int64_t i = key;
    V for_k = 0, for_back = 0, for_w = 0, for_r = 0, for_kappa = 0;
    for (int64_t n = 0; n < size; n++) {
        const V s = FN(load)(before + n * padded + key), g = FN(load)(slopes + n * padded + key);
        for_k += g * v[n];
        for_back -= g * removed[n];
        for_w += g * s;
        for_r += s * dy[n];
        for_kappa += s * dremoved[n];
    }
    const V direction = LOAD(kappa), rate = LOAD(a);
    STORE(dk, for_k);
    STORE(dw, for_w);
    STORE(dr, for_r * LOAD(w) - read_removed * (direction * rate) + read_value * LOAD(k));
    STORE(dkappa, for_kappa + for_back * rate);
    STORE(da, for_back * direction);
}

/// The sums of the lanes of four vectors.
INLINE void FN(sum_four)(V a, V b, V c, V d, REAL *sums) {
    typedef REAL four __attribute__((ext_vector_type(4)));
#if IS_FLOAT
#define QUARTER(x) (((x).lo.lo + (x).lo.hi) + ((x).hi.lo + (x).hi.hi))
#else
#define QUARTER(x) ((x).lo + (x).hi)
#endif
    const four p = QUARTER(a), q = QUARTER(b), r = QUARTER(c), s = QUARTER(d);
#undef QUARTER
    const four pq = __builtin_shufflevector(p, q, 0, 1, 4, 5) + __builtin_shufflevector(p, q, 2, 3, 6, 7);
    const four rs = __builtin_shufflevector(r, s, 0, 1, 4, 5) + __builtin_shufflevector(r, s, 2, 3, 6, 7);
    const four all = __builtin_shufflevector(pq, rs, 0, 2, 4, 6) + __builtin_shufflevector(pq, rs, 1, 3, 5, 7);
    sums[0] = all.x;
    sums[1] = all.y;
    sums[2] = all.z;
    sums[3] = all.w;
}

/// G of token t - 1 from that of token t, two values at a time (the second may be the first again), and what it gives: dv and
/// -d removed of token t - 1. `rows`: see WKV7_ROWS. With `fresh` there is no later token: G is dy_(t-1) r_(t-1)^T.
INLINE void FN(wkv7_over_keys)(int64_t padded, const REAL *rows, int fresh, REAL dremoved0, REAL dremoved1, REAL dy0,
                               REAL dy1, REAL *slopes0, REAL *slopes1, REAL *sums) {
    V value0 = 0, value1 = 0, back0 = 0, back1 = 0;
    for (int64_t key = 0; key < padded; key += LANES) {
        const V r = FN(load)(rows + key), k = FN(load)(rows + padded + key), back = FN(load)(rows + 2 * padded + key);
        V g0 = dy0 * r, g1 = dy1 * r;
        if (!fresh) {
            const V w = FN(load)(rows + 3 * padded + key), kappa = FN(load)(rows + 4 * padded + key);
            g0 += FN(load)(slopes0 + key) * w + dremoved0 * kappa;
            g1 += FN(load)(slopes1 + key) * w + dremoved1 * kappa;
        }
        FN(store)(slopes0 + key, g0);
        FN(store)(slopes1 + key, g1);
        value0 += g0 * k;
        value1 += g1 * k;
        back0 += g0 * back;
        back1 += g1 * back;
    }
    FN(sum_four)(value0, value1, back0, back1, sums);
}

/// The step of G to token t - 1, whose rows `r`, `k`, `kappa_before`, `a`, `dy` and `dv` are; `w` and `kappa` are those of token t.
static void FN(wkv7_step_back)(int64_t size, int64_t padded, const REAL *r, const REAL *k, const REAL *kappa_before,
                               const REAL *a, const REAL *w, const REAL *kappa, int fresh, const REAL *dy, REAL *dremoved,
                               REAL *slopes, REAL *dv, REAL *rows) {
    EACH_VECTOR(i, size, {
        FN(store)(rows + i, LOAD(r));
        FN(store)(rows + padded + i, LOAD(k));
        FN(store)(rows + 2 * padded + i, LOAD(kappa_before) * LOAD(a));
        FN(store)(rows + 3 * padded + i, LOAD(w));
        FN(store)(rows + 4 * padded + i, LOAD(kappa));
    })
    for (int64_t n = 0; n < size; n += 2) {
        const int64_t m = n + 1 < size ? n + 1 : n;
        REAL sums[4];
        if (fresh) {
            FN(wkv7_over_keys)(padded, rows, 1, 0, 0, dy[n], dy[m], slopes + n * padded, slopes + m * padded, sums);
        } else {
            FN(wkv7_over_keys)(padded, rows, 0, dremoved[n], dremoved[m], dy[n], dy[m], slopes + n * padded,
                               slopes + m * padded, sums);
        }
        dv[n] = sums[0];
        dv[m] = sums[1];
        dremoved[n] = -sums[2];
        dremoved[m] = -sums[3];
    }
}

static void FN(wkv7_backward)(int64_t tokens, int64_t size, const REAL *r, const REAL *w, const REAL *k, const REAL *v,
                              const REAL *kappa, const REAL *a, int64_t stride, const REAL *removed,
                              const REAL *checkpoints, const REAL *dy, REAL *dr, REAL *dw, REAL *dk, REAL *dv,
                              REAL *dkappa, REAL *da, REAL *workspace) {
    const int64_t padded = (size + LANES - 1) / LANES * LANES;
    REAL *slopes = workspace;                             // G [values, padded keys]
    REAL *states = slopes + size * padded;                // [chunk, values, padded keys]
    REAL *rows = states + WKV7_CHUNK * size * padded;     // [WKV7_ROWS, padded keys]
    REAL *dremoved = rows + WKV7_ROWS * padded;           // [values]
    if (tokens <= 0) return;
    const int64_t last = (tokens - 1) * stride;
    FN(wkv7_step_back)(size, padded, r + last, k + last, kappa + last, a + last, w + last, kappa + last, 1, dy + last,
                       dremoved, slopes, dv + last, rows);
    for (int64_t begin = (tokens - 1) / WKV7_CHUNK * WKV7_CHUNK; begin >= 0; begin -= WKV7_CHUNK) {
        const int64_t count = tokens - begin < WKV7_CHUNK ? tokens - begin : WKV7_CHUNK, first = begin * stride;
        const REAL *saved = checkpoints + begin / WKV7_CHUNK * size * size;
        for (int64_t n = 0; n < size; n++) {
            for (int64_t j = 0; j < padded; j++) states[n * padded + j] = j < size ? saved[j * size + n] : 0;
        }
        EACH_VECTOR(i, size, {
            FN(wkv7_remake)(count, size, padded, left, w + first, k + first, v + first, kappa + first, a + first,
                            removed + first, stride, i, states);
        })
        for (int64_t t = count - 1; t >= 0; t--) {
            const int64_t at = first + t * stride, before = at - stride;
            REAL read_removed = 0, read_value = 0;
            for (int64_t n = 0; n < size; n++) {
                read_removed += removed[at + n] * dy[at + n];
                read_value += v[at + n] * dy[at + n];
            }
            EACH_VECTOR(i, size, {
                FN(wkv7_over_values)(size, padded, left, w + at, k + at, v + at, kappa + at, a + at, removed + at,
                                     dy + at, read_removed, read_value, dremoved, states + t * size * padded, slopes,
                                     dr + at, dw + at, dk + at, dkappa + at, da + at, i);
            })
            if (at == 0) return;
            FN(wkv7_step_back)(size, padded, r + before, k + before, kappa + before, a + before, w + at, kappa + at, 0,
                               dy + before, dremoved, slopes, dv + before, rows);
        }
    }
}
