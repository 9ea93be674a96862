// One step of AdamW over a run of values.

static void FN(adamw)(int64_t n, REAL *parameter, const REAL *gradient, REAL *first_moment, REAL *second_moment,
                      REAL rate, REAL beta1, REAL beta2, REAL epsilon, REAL decay, REAL correction1, REAL correction2,
                      REAL gradient_scale) {
    const REAL keep1 = 1 - beta1, keep2 = 1 - beta2;
    const REAL step = rate / correction1, inverse2 = 1 / correction2, shrink = 1 - rate * decay;
    EACH_VECTOR(i, n, {
        V g = gradient_scale * LOAD(gradient);
        V m = beta1 * LOAD(first_moment) + keep1 * g;
        V v = beta2 * LOAD(second_moment) + keep2 * (g * g);
        STORE(first_moment, m);
        STORE(second_moment, v);
        V size = __builtin_elementwise_sqrt(v * inverse2) + epsilon;
        STORE(parameter, shrink * LOAD(parameter) - step * m / size);
    })
}
