// Root-mean-square norm and layer norm of rows, and their derivatives.

static void FN(rms_norm)(int64_t rows, int64_t width, const REAL *x, const REAL *weight, REAL epsilon, REAL *y,
                         REAL *inverse_rms) {
    for (int64_t r = 0; r < rows; r++, x += width, y += width) {
        V sum = 0;
        EACH_VECTOR(i, width, V v = LOAD(x); sum += v * v;)
        REAL inverse = (REAL)(1 / sqrt((double)(FN(sum_lanes)(sum) / (REAL)width + epsilon)));
        inverse_rms[r] = inverse;
        if (weight) {
            EACH_VECTOR(i, width, STORE(y, LOAD(x) * inverse * LOAD(weight));)
        } else {
            EACH_VECTOR(i, width, STORE(y, LOAD(x) * inverse);)
        }
    }
}

/// With xhat = x * inverse and g = dy * weight: dx = inverse * (g - xhat * mean(g * xhat)), dweight += dy * xhat.
static void FN(rms_norm_backward)(int64_t rows, int64_t width, const REAL *x, const REAL *weight,
                                  const REAL *inverse_rms, const REAL *dy, REAL *dx, REAL *dweight) {
    for (int64_t r = 0; r < rows; r++, x += width, dy += width, dx += width) {
        REAL inverse = inverse_rms[r];
        V sum = 0;
        if (weight) {
            EACH_VECTOR(i, width, sum += LOAD(dy) * LOAD(weight) * LOAD(x);)
        } else {
            EACH_VECTOR(i, width, sum += LOAD(dy) * LOAD(x);)
        }
        REAL slope = FN(sum_lanes)(sum) * inverse * inverse / (REAL)width;
        if (dweight) {
            EACH_VECTOR(i, width, STORE(dweight, LOAD(dweight) + LOAD(dy) * (LOAD(x) * inverse));)
        }
        if (weight) {
            EACH_VECTOR(i, width, STORE(dx, inverse * (LOAD(dy) * LOAD(weight) - LOAD(x) * slope));)
        } else {
            EACH_VECTOR(i, width, STORE(dx, inverse * (LOAD(dy) - LOAD(x) * slope));)
        }
    }
}

static void FN(layer_norm)(int64_t rows, int64_t width, const REAL *x, const REAL *weight, const REAL *bias,
                           REAL epsilon, REAL *y, REAL *mean, REAL *inverse_deviation) {
    for (int64_t r = 0; r < rows; r++, x += width, y += width) {
        V sum = 0;
        EACH_VECTOR(i, width, sum += LOAD(x);)
        REAL centre = FN(sum_lanes)(sum) / (REAL)width;
        V squares = 0;
        EACH_VECTOR(i, width, V v = FN(first_lanes)(LOAD(x) - centre, left, 0); squares += v * v;)
        REAL inverse = (REAL)(1 / sqrt((double)(FN(sum_lanes)(squares) / (REAL)width + epsilon)));
        mean[r] = centre;
        inverse_deviation[r] = inverse;
        EACH_VECTOR(i, width, {
            V v = (LOAD(x) - centre) * inverse;
            if (weight) v *= LOAD(weight);
            if (bias) v += LOAD(bias);
            STORE(y, v);
        })
    }
}

/// With xhat = (x - mean) * inverse and g = dy * weight: dx = inverse * (g - mean(g) - xhat * mean(g * xhat)).
static void FN(layer_norm_backward)(int64_t rows, int64_t width, const REAL *x, const REAL *weight, const REAL *mean,
                                    const REAL *inverse_deviation, const REAL *dy, REAL *dx, REAL *dweight,
                                    REAL *dbias) {
    for (int64_t r = 0; r < rows; r++, x += width, dy += width, dx += width) {
        REAL centre = mean[r];
        REAL inverse = inverse_deviation[r];
        V sum = 0;
        V products = 0;
        EACH_VECTOR(i, width, {
            V g = LOAD(dy);
            if (weight) g *= LOAD(weight);
            sum += g;
            products += g * ((LOAD(x) - centre) * inverse);
        })
        REAL mean_gradient = FN(sum_lanes)(sum) / (REAL)width;
        REAL slope = FN(sum_lanes)(products) / (REAL)width;
        if (dbias) {
            EACH_VECTOR(i, width, STORE(dbias, LOAD(dbias) + LOAD(dy));)
        }
        if (dweight) {
            EACH_VECTOR(i, width, STORE(dweight, LOAD(dweight) + LOAD(dy) * ((LOAD(x) - centre) * inverse));)
        }
        EACH_VECTOR(i, width, {
            V g = LOAD(dy);
            if (weight) g *= LOAD(weight);
            STORE(dx, inverse * (g - mean_gradient - ((LOAD(x) - centre) * inverse) * slope));
        })
    }
}
