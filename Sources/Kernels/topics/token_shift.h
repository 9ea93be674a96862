// y = from + mix (to - from): `keeps` 0 goes from the token to the one before it, 1 the other way.

static void FN(token_shift)(int64_t tokens, int64_t width, int32_t keeps, const REAL *x, const REAL *before,
                            const REAL *mix, REAL *y) {
    for (int64_t t = 0; t < tokens; t++, x += width, y += width) {
        const REAL *previous = t > 0 ? x - width : before;
        EACH_VECTOR(i, width, {
            const V here = LOAD(x), there = previous ? LOAD(previous) : (V)(0), part = LOAD(mix);
            STORE(y, keeps ? there + part * (here - there) : here + part * (there - here));
        })
    }
}

static void FN(token_shift_backward)(int64_t tokens, int64_t width, int32_t keeps, const REAL *x, const REAL *before,
                                     const REAL *mix, const REAL *dy, const REAL *after, int32_t adding, REAL *dx,
                                     REAL *dmix) {
    for (int64_t t = 0; t < tokens; t++, x += width, dy += width, dx += width) {
        const REAL *previous = t > 0 ? x - width : before, *next = t + 1 < tokens ? dy + width : after;
        EACH_VECTOR(i, width, {
            const V here = LOAD(x), there = previous ? LOAD(previous) : (V)(0), part = LOAD(mix);
            const V own = keeps ? part : S(1) - part, g = LOAD(dy);
            V slope = own * g;
            if (next) slope += (S(1) - own) * LOAD(next);
            if (adding) slope += LOAD(dx);
            STORE(dx, slope);
            STORE(dmix, LOAD(dmix) + g * (keeps ? here - there : there - here));
        })
    }
}
