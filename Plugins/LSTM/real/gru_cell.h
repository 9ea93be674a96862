/*
 * gru_cell.h: one step of a GRU for one row. Cho et al. 2014, in the form of cuDNN and PyTorch, in which the reset gate
 * acts on the product with h' and not on h' itself:
 *
 *     r, z = sigmoid(a_r + b_r), sigmoid(a_z + b_z)    n = tanh(a_n + r b_n)    h = (1 - z) n + z h'
 *
 * where a = W_ih x + b_ih, b = W_hh h' + b_hh and a prime marks the step before. Gates lie as r, z, n, H numbers each.
 */

/* a [3 H] becomes the gates; of b [3 H] the third part is needed on the way back. */
static void gru_step(uint64_t hidden, REAL *restrict gates, const REAL *restrict recurrent, const REAL *restrict h_before,
                     REAL *restrict h) {
    for (uint64_t j = 0; j < hidden; j += LANES) {
        uint64_t left = hidden - j;
        REAL *at = gates + j;
        const REAL *b = recurrent + j;
        vector r = sigmoid(load(at, left) + load(b, left));
        vector z = sigmoid(load(at + hidden, left) + load(b + hidden, left));
        vector n = hyperbolic_tangent(load(at + 2 * hidden, left) + r * load(b + 2 * hidden, left));
        store(at, r, left);
        store(at + hidden, z, left);
        store(at + 2 * hidden, n, left);
        store(h + j, n + z * (load(h_before + j, left) - n), left);
    }
}

/* The gates become d loss / d a and b becomes d loss / d b. dh [H] is that of h; `direct` [H] is what goes to h' past
 * the product. */
static void gru_step_backward(uint64_t hidden, REAL *restrict gates, REAL *restrict recurrent,
                              const REAL *restrict h_before, const REAL *restrict dh_, REAL *restrict direct) {
    const REAL one = 1;
    for (uint64_t j = 0; j < hidden; j += LANES) {
        uint64_t left = hidden - j;
        REAL *at = gates + j, *b = recurrent + j;
        vector r = load(at, left), z = load(at + hidden, left), n = load(at + 2 * hidden, left);
        vector dh = load(dh_ + j, left);
        vector dn = dh * (one - z) * (one - n * n);
        vector dr = dn * load(b + 2 * hidden, left) * r * (one - r);
        vector dz = dh * (load(h_before + j, left) - n) * z * (one - z);
        store(at, dr, left);
        store(at + hidden, dz, left);
        store(at + 2 * hidden, dn, left);
        store(b, dr, left);
        store(b + hidden, dz, left);
        store(b + 2 * hidden, dn * r, left);
        store(direct + j, dh * z, left);
    }
}
