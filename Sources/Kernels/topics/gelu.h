// x times the normal distribution function. In single precision that is made of erfc(z) = t exp(-z^2 + p(t)), t = 1 / (1 + z / 2), with p
// this author's interpolation of log(erfc(z) exp(z^2) / t) at Chebyshev points, good to 2e-8; double precision asks the C library.

#if IS_FLOAT
INLINE V FN(normal_distribution)(V x) {
    const V z = FN(magnitude)(x) * S(0.70710678118654752), t = S(1) / (S(1) + S(0.5) * z);
    V p = S(-0.18936745565456592) * t + S(1.0502335223085688);
    p = p * t + S(-2.3462723916475254);
    p = p * t + S(2.5901291907548183);
    p = p * t + S(-1.386666663516543);
    p = p * t + S(0.42285965563491984);
    p = p * t + S(-0.26409587957993014);
    p = p * t + S(-0.06813770390333354);
    p = p * t + S(0.08175679194577582);
    p = p * t + S(0.37507448476774785);
    p = p * t + S(0.9999985530342681);
    p = p * t + S(-1.265512118540437);
    const V half = S(0.5) * t * FN(vexp)(p - z * z);
    return x > (V)(0) ? S(1) - half : half;
}
#else
INLINE V FN(normal_distribution)(V x) {
    V y = 0;
    for (int lane = 0; lane < LANES; lane++) y[lane] = 0.5 * erfc(x[lane] * -0.70710678118654752440);
    return y;
}
#endif

static void FN(gelu)(int64_t n, const REAL *x, REAL *y) {
    EACH_VECTOR(i, n, V v = LOAD(x); STORE(y, v * FN(normal_distribution)(v));)
}

static void FN(gelu_backward)(int64_t n, const REAL *x, const REAL *dy, REAL *dx) {
    EACH_VECTOR(i, n, {
        const V v = LOAD(x), density = S(0.39894228040143267794) * FN(vexp)(S(-0.5) * v * v);
        STORE(dx, LOAD(dy) * (FN(normal_distribution)(v) + v * density));
    })
}
