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
// One pass over S and G does all of token t and what token t - 1 sums over keys: lanes_v and lanes_d, added up afterwards.

static int64_t FN(wkv7_backward_workspace)(int64_t size) {
    const int64_t padded = (size + LANES - 1) / LANES * LANES;
    return size * ((WKV7_CHUNK + 1) * padded + 2 * LANES) + 2 * padded;
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

/// One token, one vector of keys; what `previous` asks for is 0 before the first token.
INLINE void FN(wkv7_keys_backward)(int64_t size, int64_t padded, int64_t left, const REAL *r, const REAL *w,
                                   const REAL *k, const REAL *v, const REAL *kappa, const REAL *a, const REAL *removed,
                                   const REAL *dy, REAL read_removed, REAL read_value, const REAL *dremoved,
                                   int64_t back, const REAL *before, REAL *slopes, REAL *dr, REAL *dw, REAL *dk,
                                   REAL *dkappa, REAL *da, int64_t key, REAL *lanes_v, REAL *lanes_d) {
    const int64_t i = key;
    const V keep = LOAD(w), direction = LOAD(kappa), rate = LOAD(a), write = LOAD(k);
    const V none = 0, next_r = back ? LOAD(r - back) : none, next_k = back ? LOAD(k - back) : none;
    const V next_back = back ? LOAD(kappa - back) * LOAD(a - back) : none;
    const REAL *next_dy = dy - back;
    V for_k = 0, for_back = 0, for_w = 0, for_r = 0, for_kappa = 0;
    before += key;
    slopes += key;
    for (int64_t n = 0; n < size; n++) {
        const V s = FN(load)(before + n * padded);
        V g = FN(load)(slopes + n * padded);
        for_k += g * v[n];
        for_back -= g * removed[n];
        for_w += g * s;
        for_r += s * dy[n];
        for_kappa += s * dremoved[n];
        g = g * keep + dremoved[n] * direction + next_dy[n] * next_r;
        FN(store)(slopes + n * padded, g);
        V through_v = g * next_k, through_d = g * next_back;
        if (key > 0) {
            through_v += FN(load)(lanes_v + n * LANES);
            through_d += FN(load)(lanes_d + n * LANES);
        }
        FN(store)(lanes_v + n * LANES, through_v);
        FN(store)(lanes_d + n * LANES, through_d);
    }
    STORE(dk, for_k);
    STORE(dw, for_w);
    STORE(dr, for_r * keep - read_removed * (direction * rate) + read_value * write);
    STORE(dkappa, for_kappa + for_back * rate);
    STORE(da, for_back * direction);
}

static void FN(wkv7_backward)(int64_t tokens, int64_t size, const REAL *r, const REAL *w, const REAL *k, const REAL *v,
                              const REAL *kappa, const REAL *a, int64_t stride, const REAL *removed,
                              const REAL *checkpoints, const REAL *dy, REAL *dr, REAL *dw, REAL *dk, REAL *dv,
                              REAL *dkappa, REAL *da, REAL *workspace) {
    const int64_t padded = (size + LANES - 1) / LANES * LANES;
    REAL *slopes = workspace;                                 // [values, padded keys]
    REAL *states = slopes + size * padded;                    // [chunk, values, padded keys]
    REAL *lanes_v = states + WKV7_CHUNK * size * padded;      // [values, LANES]
    REAL *lanes_d = lanes_v + size * LANES;                   // [values, LANES]
    REAL *dremoved = lanes_d + size * LANES;                  // [values]
    if (tokens <= 0) return;
    {   // The last token enters by itself.
        const int64_t last = (tokens - 1) * stride;
        for (int64_t n = 0; n < size; n++) {
            V through_v = 0, through_d = 0;
            EACH_VECTOR(i, size, {
                const V g = dy[last + n] * LOAD(r + last);
                FN(store)(slopes + n * padded + i, g);
                through_v += g * LOAD(k + last);
                through_d += g * (LOAD(kappa + last) * LOAD(a + last));
            })
            dv[last + n] = FN(sum_lanes)(through_v);
            dremoved[n] = -FN(sum_lanes)(through_d);
        }
    }
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
            const int64_t at = first + t * stride, back = at > 0 ? stride : 0;
            REAL read_removed = 0, read_value = 0;
            for (int64_t n = 0; n < size; n++) {
                read_removed += removed[at + n] * dy[at + n];
                read_value += v[at + n] * dy[at + n];
            }
            EACH_VECTOR(i, size, {
                FN(wkv7_keys_backward)(size, padded, left, r + at, w + at, k + at, v + at, kappa + at, a + at,
                                       removed + at, dy + at, read_removed, read_value, dremoved, back,
                                       states + t * size * padded, slopes, dr + at, dw + at, dk + at, dkappa + at,
                                       da + at, i, lanes_v, lanes_d);
            })
            if (back) {
                for (int64_t n = 0; n < size; n++) {
                    dv[at - back + n] = FN(sum_lanes)(FN(load)(lanes_v + n * LANES));
                    dremoved[n] = -FN(sum_lanes)(FN(load)(lanes_d + n * LANES));
                }
            }
        }
    }
}
