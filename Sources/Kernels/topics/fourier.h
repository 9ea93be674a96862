// Discrete Fourier transforms of power-of-two length, one for each lane: element j is two vectors, its real parts and its
// imaginary parts, at x + 2 j LANES. Down goes from natural to bit-reversed order, up goes back, so that no reordering is
// needed around a product. Two radix-2 passes are done in one, which halves the traffic and keeps the order.

/// (re, im) times the root (c, s); the conjugate root is (c, -s).
#define TURN_REAL(re, im, c, s) ((re) * (c) - (im) * (s))
#define TURN_IMAGINARY(re, im, c, s) ((re) * (s) + (im) * (c))

/// exp(-2 pi i) to the n-th parts; `roots` holds those of a multiple of n, `step` apart. x becomes its transform.
static void FN(fourier_down)(int64_t n, const REAL *roots, int64_t step, REAL *x) {
    int64_t length = n;
    for (; length >= 4; length /= 4, step *= 4) {
        const int64_t quarter = length / 4, apart = 2 * quarter * LANES;
        for (int64_t start = 0; start < n; start += length) {
            REAL *p = x + 2 * start * LANES;
            for (int64_t j = 0; j < quarter; j++, p += 2 * LANES) {
                const REAL *w1 = roots + 2 * j * step, *w2 = roots + 4 * j * step, *w3 = roots + 6 * j * step;
                V ar = FN(load)(p), ai = FN(load)(p + LANES);
                V br = FN(load)(p + apart), bi = FN(load)(p + apart + LANES);
                V cr = FN(load)(p + 2 * apart), ci = FN(load)(p + 2 * apart + LANES);
                V dr = FN(load)(p + 3 * apart), di = FN(load)(p + 3 * apart + LANES);
                V pr = ar + cr, pi = ai + ci, qr = ar - cr, qi = ai - ci;
                V rr = br + dr, ri = bi + di, sr = br - dr, si = bi - di;
                FN(store)(p, pr + rr);
                FN(store)(p + LANES, pi + ri);
                V er = pr - rr, ei = pi - ri;
                FN(store)(p + apart, TURN_REAL(er, ei, w2[0], w2[1]));
                FN(store)(p + apart + LANES, TURN_IMAGINARY(er, ei, w2[0], w2[1]));
                V fr = qr + si, fi = qi - sr;  // q - i s
                FN(store)(p + 2 * apart, TURN_REAL(fr, fi, w1[0], w1[1]));
                FN(store)(p + 2 * apart + LANES, TURN_IMAGINARY(fr, fi, w1[0], w1[1]));
                V gr = qr - si, gi = qi + sr;  // q + i s
                FN(store)(p + 3 * apart, TURN_REAL(gr, gi, w3[0], w3[1]));
                FN(store)(p + 3 * apart + LANES, TURN_IMAGINARY(gr, gi, w3[0], w3[1]));
            }
        }
    }
    if (length == 2) {
        for (REAL *p = x; p < x + 2 * n * LANES; p += 4 * LANES) {
            for (int part = 0; part < 2; part++) {
                V a = FN(load)(p + part * LANES), b = FN(load)(p + (2 + part) * LANES);
                FN(store)(p + part * LANES, a + b);
                FN(store)(p + (2 + part) * LANES, a - b);
            }
        }
    }
}

/// The way back: n times what `fourier_down` was given.
static void FN(fourier_up)(int64_t n, const REAL *roots, int64_t step, REAL *x) {
    int64_t length = 4;
    if (__builtin_ctzll((unsigned long long)n) % 2 == 1) {
        length = 8;
        for (REAL *p = x; p < x + 2 * n * LANES; p += 4 * LANES) {
            for (int part = 0; part < 2; part++) {
                V a = FN(load)(p + part * LANES), b = FN(load)(p + (2 + part) * LANES);
                FN(store)(p + part * LANES, a + b);
                FN(store)(p + (2 + part) * LANES, a - b);
            }
        }
    }
    for (; length <= n; length *= 4) {
        const int64_t quarter = length / 4, apart = 2 * quarter * LANES, stride = step * (n / length);
        for (int64_t start = 0; start < n; start += length) {
            REAL *p = x + 2 * start * LANES;
            for (int64_t j = 0; j < quarter; j++, p += 2 * LANES) {
                const REAL *w1 = roots + 2 * j * stride, *w2 = roots + 4 * j * stride, *w3 = roots + 6 * j * stride;
                V ar = FN(load)(p), ai = FN(load)(p + LANES);
                V vr = FN(load)(p + apart), vi = FN(load)(p + apart + LANES);
                V br = TURN_REAL(vr, vi, w2[0], -w2[1]), bi = TURN_IMAGINARY(vr, vi, w2[0], -w2[1]);
                vr = FN(load)(p + 2 * apart), vi = FN(load)(p + 2 * apart + LANES);
                V cr = TURN_REAL(vr, vi, w1[0], -w1[1]), ci = TURN_IMAGINARY(vr, vi, w1[0], -w1[1]);
                vr = FN(load)(p + 3 * apart), vi = FN(load)(p + 3 * apart + LANES);
                V dr = TURN_REAL(vr, vi, w3[0], -w3[1]), di = TURN_IMAGINARY(vr, vi, w3[0], -w3[1]);
                V pr = ar + br, pi = ai + bi, qr = ar - br, qi = ai - bi;
                V sr = cr + dr, si = ci + di, er = cr - dr, ei = ci - di;
                FN(store)(p, pr + sr);
                FN(store)(p + LANES, pi + si);
                FN(store)(p + 2 * apart, pr - sr);
                FN(store)(p + 2 * apart + LANES, pi - si);
                FN(store)(p + apart, qr - ei);  // q + i e
                FN(store)(p + apart + LANES, qi + er);
                FN(store)(p + 3 * apart, qr + ei);
                FN(store)(p + 3 * apart + LANES, qi - er);
            }
        }
    }
}
