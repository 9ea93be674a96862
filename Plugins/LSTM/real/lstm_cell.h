/*
 * lstm_cell.h: one step of an LSTM for one row. Hochreiter and Schmidhuber 1997 with the forget gate of Gers et al. 2000:
 *
 *     i, f, o = sigmoid(a_i), sigmoid(a_f), sigmoid(a_o)    g = tanh(a_g)
 *     c = f c' + i g                                        h = o tanh(c)
 *
 * where a = W_ih x + b_ih + W_hh h' + b_hh and a prime marks the step before. Gates lie as i, f, g, o, H numbers each.
 */

/* a [4 H] becomes the gates. */
static void lstm_step(uint64_t hidden, REAL *restrict gates, const REAL *restrict c_before, REAL *restrict c,
                      REAL *restrict h) {
    for (uint64_t j = 0; j < hidden; j += LANES) {
        uint64_t left = hidden - j;
        REAL *at = gates + j;
        vector i = sigmoid(load(at, left)), f = sigmoid(load(at + hidden, left));
        vector g = hyperbolic_tangent(load(at + 2 * hidden, left)), o = sigmoid(load(at + 3 * hidden, left));
        vector cell = f * load(c_before + j, left) + i * g;
        store(at, i, left);
        store(at + hidden, f, left);
        store(at + 2 * hidden, g, left);
        store(at + 3 * hidden, o, left);
        store(c + j, cell, left);
        store(h + j, o * hyperbolic_tangent(cell), left);
    }
}

/* The gates become d loss / d a. dh [H] is that of h; dc [H] that of c by later steps, and becomes that of c'. */
static void lstm_step_backward(uint64_t hidden, REAL *restrict gates, const REAL *restrict c_before,
                               const REAL *restrict c, const REAL *restrict dh_, REAL *restrict dc_) {
    const REAL one = 1;
    for (uint64_t j = 0; j < hidden; j += LANES) {
        uint64_t left = hidden - j;
        REAL *at = gates + j;
        vector i = load(at, left), f = load(at + hidden, left), g = load(at + 2 * hidden, left);
        vector o = load(at + 3 * hidden, left), dh = load(dh_ + j, left);
        vector shown = hyperbolic_tangent(load(c + j, left));
        vector dc = load(dc_ + j, left) + dh * o * (one - shown * shown);
        store(at, dc * g * i * (one - i), left);
        store(at + hidden, dc * load(c_before + j, left) * f * (one - f), left);
        store(at + 2 * hidden, dc * i * (one - g * g), left);
        store(at + 3 * hidden, dh * shown * o * (one - o), left);
        store(dc_ + j, dc * f, left);
    }
}
