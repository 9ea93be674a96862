// Rotary position embedding. y may be x: a pair is read before it is written.

static void FN(rotary)(int64_t rows, int64_t heads, int64_t head_width, int64_t pairs, int32_t interleaved,
                       int32_t direction, const int32_t *position, const REAL *cosine, const REAL *sine, const REAL *x,
                       int64_t x_stride, REAL *y, int64_t y_stride) {
    const REAL turn = direction < 0 ? -1 : 1;
    const int64_t rest = head_width - 2 * pairs;
    for (int64_t r = 0; r < rows; r++, x += x_stride, y += y_stride) {
        const REAL *c = cosine + position[r] * pairs;
        const REAL *s = sine + position[r] * pairs;
        for (int64_t h = 0; h < heads; h++) {
            const REAL *from = x + h * head_width;
            REAL *to = y + h * head_width;
            if (interleaved) {
                for (int64_t j = 0; j < pairs; j++) {
                    REAL a = from[2 * j], b = from[2 * j + 1], sn = turn * s[j];
                    to[2 * j] = a * c[j] - b * sn;
                    to[2 * j + 1] = b * c[j] + a * sn;
                }
            } else {
                const REAL *from_high = from + pairs;
                REAL *to_high = to + pairs;
                EACH_VECTOR(i, pairs, {
                    V a = LOAD(from);
                    V b = LOAD(from_high);
                    V cs = LOAD(c);
                    V sn = turn * LOAD(s);
                    STORE(to, a * cs - b * sn);
                    STORE(to_high, b * cs + a * sn);
                })
            }
            if (from != to && rest > 0) {
                __builtin_memmove(to + 2 * pairs, from + 2 * pairs, (size_t)rest * sizeof(REAL));
            }
        }
    }
}
