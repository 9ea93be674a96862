/* vector.h: vectors of 64 bytes, and the functions of an LSTM on them. */

typedef REAL vector __attribute__((vector_size(64)));
typedef REAL unaligned_vector __attribute__((vector_size(64), aligned(sizeof(REAL)), may_alias));
#if REAL_BITS == 32
typedef int32_t integers __attribute__((vector_size(64)));
#else
typedef int64_t integers __attribute__((vector_size(64)));
#endif

enum { LANES = 64 / sizeof(REAL) };

#define INLINE static inline __attribute__((always_inline, unused))

INLINE vector splat(REAL x) { return (vector){0} + x; }

/* The first `count` lanes from memory, zeros behind; nothing beyond is touched. */
INLINE vector load(const REAL *p, uint64_t count) {
    if (count >= LANES) return *(const unaligned_vector *)p;
    vector v = {0};
    memcpy(&v, p, count * sizeof(REAL));
    return v;
}

INLINE void store(REAL *p, vector v, uint64_t count) {
    if (count >= LANES)
        *(unaligned_vector *)p = v;
    else
        memcpy(p, &v, count * sizeof(REAL));
}

/* a where `mask` is all ones, b where it is zero. */
INLINE vector choose(integers mask, vector a, vector b) {
    return (vector)(((integers)a & mask) | ((integers)b & ~mask));
}

/* In a fixed order. */
INLINE REAL sum_of_lanes(vector v) {
    REAL sums[LANES];
    memcpy(sums, &v, sizeof v);
    for (int half = LANES / 2; half > 0; half /= 2)
        for (int i = 0; i < half; i++) sums[i] += sums[i + half];
    return sums[0];
}

/* exp(x) = scale + scale * q with scale = 2^n, n = round(x / ln 2), and q = exp(r) - 1, |r| <= ln(2) / 2, from Taylor's
 * series (error below 5e-9 and 5e-18). Adding MAGIC rounds to an integer and leaves it in the low bits together with the
 * exponent's offset. Arguments are held to where both ends are finite; not-a-number stays. */
#if REAL_BITS == 32
#define MAGIC 12583039.0f /* 1.5 * 2^23 + 127 */
#define EXPONENT_SHIFT 23
#define LOWEST_EXPONENT (-87.0f)
#define HIGHEST_EXPONENT 88.0f
#define LN2_HIGH 0.693359375f
#define LN2_LOW (-2.12194440e-4f)
enum { DEGREE = 7 };
#else
#define MAGIC 6755399441056767.0 /* 1.5 * 2^52 + 1023 */
#define EXPONENT_SHIFT 52
#define LOWEST_EXPONENT (-708.0)
#define HIGHEST_EXPONENT 709.0
#define LN2_HIGH 6.93147180369123816490e-01
#define LN2_LOW 1.90821492927058770002e-10
enum { DEGREE = 13 };
#endif

INLINE void split_exponential(vector x, vector *q, vector *scale) {
    static const REAL inverse_factorial[] = {
        (REAL)1, (REAL)1, (REAL)1 / 2, (REAL)1 / 6, (REAL)1 / 24, (REAL)1 / 120, (REAL)1 / 720, (REAL)1 / 5040,
        (REAL)1 / 40320, (REAL)1 / 362880, (REAL)1 / 3628800, (REAL)1 / 39916800, (REAL)1 / 479001600,
        (REAL)(1 / 6227020800.0)};
    vector low = splat(LOWEST_EXPONENT), high = splat(HIGHEST_EXPONENT);
    x = choose((integers)(x < low), low, x);
    x = choose((integers)(x > high), high, x);
    vector t = x * (REAL)1.4426950408889634 + MAGIC;
    vector n = t - MAGIC;
    vector r = x - n * LN2_HIGH;
    r = r - n * LN2_LOW;
    vector p = splat(inverse_factorial[DEGREE]);
#pragma clang loop unroll(full)
    for (int k = DEGREE - 1; k > 0; k--) p = p * r + inverse_factorial[k];
    *q = p * r;
    *scale = (vector)((integers)t << EXPONENT_SHIFT);
}

INLINE vector exponential(vector x) {
    vector q, scale;
    split_exponential(x, &q, &scale);
    return scale * q + scale;
}

INLINE vector sigmoid(vector x) { return (REAL)1 / (exponential(-x) + (REAL)1); }

/* tanh|x| = -e / (e + 2) with e = exp(-2|x|) - 1, which is exact near 0 too. */
INLINE vector hyperbolic_tangent(vector x) {
    integers sign = (integers)splat((REAL)-0.0);
    vector q, scale;
    split_exponential((vector)((integers)x & ~sign) * (REAL)-2, &q, &scale);
    vector e = scale * q + (scale - (REAL)1);
    vector t = ((REAL)0 - e) / (e + (REAL)2);
    return (vector)((integers)t | ((integers)x & sign));
}
