// Vectors of 64 bytes and their functions, for the level and the real type at hand (included by types.h).
//
// exp, tanh and the like are written here and not taken from a vector library: they inline into the loops, exist on
// every processor, and give the same value in a vector and in the tail of a row.

#define V FN(vector)
#define VI FN(integers)
#define S(x) ((REAL)(x))
typedef REAL V __attribute__((ext_vector_type(LANES)));
typedef INTEGER VI __attribute__((ext_vector_type(LANES)));
typedef REAL FN(unaligned) __attribute__((ext_vector_type(LANES), aligned(sizeof(REAL)), may_alias));

INLINE V FN(splat)(REAL x) { return (V)(x); }
INLINE V FN(load)(const REAL *p) { return *(const FN(unaligned) *)p; }
INLINE void FN(store)(REAL *p, V v) { *(FN(unaligned) *)p = v; }

/// The first `count` lanes from memory, zeros behind; nothing beyond is touched.
INLINE V FN(load_part)(const REAL *p, int64_t count) {
    V v = 0;
    if (count >= LANES) return FN(load)(p);
    __builtin_memcpy(&v, p, (size_t)count * sizeof(REAL));
    return v;
}
INLINE void FN(store_part)(REAL *p, V v, int64_t count) {
    if (count >= LANES) {
        FN(store)(p, v);
    } else {
        __builtin_memcpy(p, &v, (size_t)count * sizeof(REAL));
    }
}

/// v in the first `count` lanes, `other` behind.
INLINE V FN(first_lanes)(V v, int64_t count, REAL other) {
#if IS_FLOAT
    const VI lane = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
#else
    const VI lane = {0, 1, 2, 3, 4, 5, 6, 7};
#endif
    return lane < (VI)((INTEGER)count) ? v : (V)(other);
}

/// Runs the body for i = 0, LANES, … below n with `left` = LANES, and once more with the rest of a last, partial vector.
#define EACH_VECTOR(i, n, ...)                              \
    {                                                       \
        int64_t i = 0;                                      \
        for (; i + LANES <= (n); i += LANES) {              \
            const int64_t left = LANES;                     \
            __VA_ARGS__                                     \
        }                                                   \
        if (i < (n)) {                                      \
            const int64_t left = (n) - i;                   \
            __VA_ARGS__                                     \
        }                                                   \
    }
#define LOAD(p) FN(load_part)((p) + i, left)
#define STORE(p, v) FN(store_part)((p) + i, v, left)

/// A not-a-number in `a` is passed over, one in `b` stays.
INLINE V FN(larger)(V a, V b) { return a > b ? a : b; }
INLINE V FN(smaller)(V a, V b) { return a < b ? a : b; }

/// Sum and largest of the lanes, in a fixed order: halves are folded onto each other.
INLINE REAL FN(sum_lanes)(V v) {
#if IS_FLOAT
    __auto_type eight = v.lo + v.hi;
    __auto_type four = eight.lo + eight.hi;
#else
    __auto_type four = v.lo + v.hi;
#endif
    __auto_type two = four.lo + four.hi;
    return two.x + two.y;
}
INLINE REAL FN(largest_lane)(V v) {
#if IS_FLOAT
    __auto_type eight = v.lo > v.hi ? v.lo : v.hi;
    __auto_type four = eight.lo > eight.hi ? eight.lo : eight.hi;
#else
    __auto_type four = v.lo > v.hi ? v.lo : v.hi;
#endif
    __auto_type two = four.lo > four.hi ? four.lo : four.hi;
    return two.x > two.y ? two.x : two.y;
}

// exp(x) = 2^n * exp(r), n = round(x / log 2), |r| <= log(2) / 2. Adding MAGIC rounds to an integer and leaves it in the
// low bits, together with the exponent's offset. The scale is 2^(n - 1) and the polynomial carries the factor 2: so
// results up to the largest finite number are right, and beyond it infinite. Below 1.7e-38 (4e-308) they are 0.
// The float polynomials are minimax fits of this author with relative error 2e-9; the double ones Taylor's to degree 13.
#if IS_FLOAT
#define EXPONENT_SHIFT 23
#define EXPONENT_MAGIC 12583038.0f /* 1.5 * 2^23 + 126 */
#define EXP_POLYNOMIAL(r)                                                                                        \
    ((((((S(2 * 0.0013843559766097164) * r + S(2 * 0.008374235950995835)) * r + S(2 * 0.04166800742193876)) * r  \
        + S(2 * 0.16666430337353427)) * r + S(2 * 0.499999941741983)) * r + S(2)) * r + S(2))
#define EXP2_POLYNOMIAL(r)                                                                                       \
    ((((((S(2 * 0.00015353258640971035) * r + S(2 * 0.0013399003073573112)) * r + S(2 * 0.00961843878030777)) * r \
        + S(2 * 0.05550331994891167)) * r + S(2 * 0.24022647738456726)) * r + S(2 * 0.6931471824645996)) * r + S(2))
#define LOG2_HIGH 0.693359375f
#define LOG2_LOW (-2.12194440e-4f)
#define EXP_LOWEST (-87.5f)
#define EXP_HIGHEST 89.0f
#define EXP2_LOWEST (-126.4f)
#define EXP2_HIGHEST 128.4f
#else
#define EXPONENT_SHIFT 52
#define EXPONENT_MAGIC 6755399441056766.0 /* 1.5 * 2^52 + 1022 */
#define TAYLOR(r, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11, c12, c13)                                               \
    (((((((((((S(2 * c13) * r + S(2 * c12)) * r + S(2 * c11)) * r + S(2 * c10)) * r + S(2 * c9)) * r + S(2 * c8)) * r \
          + S(2 * c7)) * r + S(2 * c6)) * r + S(2 * c5)) * r + S(2 * c4)) * r + S(2 * c3)) * r + S(2 * c2))
#define EXP_POLYNOMIAL(r)                                                                                        \
    (TAYLOR(r, 0.5, 1 / 6.0, 1 / 24.0, 1 / 120.0, 1 / 720.0, 1 / 5040.0, 1 / 40320.0, 1 / 362880.0, 1 / 3628800.0, \
            1 / 39916800.0, 1 / 479001600.0, 1 / 6227020800.0) * r * r + (S(2) * r + S(2)))
#define EXP2_POLYNOMIAL(r)                                                                                       \
    ((TAYLOR(r, 0.2402265069591007, 0.055504108664821576, 0.009618129107628477, 0.0013333558146428441,            \
             0.00015403530393381606, 1.5252733804059838e-05, 1.3215486790144305e-06, 1.0178086009239696e-07,      \
             7.054911620801121e-09, 4.44553827187081e-10, 2.5678435993488196e-11, 1.3691488853904124e-12) * r     \
      + S(2 * 0.6931471805599453)) * r + S(2))
#define LOG2_HIGH 6.93147180369123816490e-01
#define LOG2_LOW 1.90821492927058770002e-10
#define EXP_LOWEST (-708.6)
#define EXP_HIGHEST 710.0
#define EXP2_LOWEST (-1022.4)
#define EXP2_HIGHEST 1024.4
#endif
#define LOG2_E 1.4426950408889634

INLINE V FN(vexp)(V x) {
    V high = S(EXP_HIGHEST), low = S(EXP_LOWEST), magic = S(EXPONENT_MAGIC);
    x = FN(larger)(low, FN(smaller)(high, x));
    V t = x * S(LOG2_E) + magic;
    V n = t - magic;
    V r = x - n * S(LOG2_HIGH);
    r = r - n * S(LOG2_LOW);
    V scale = (V)((VI)t << EXPONENT_SHIFT);
    return EXP_POLYNOMIAL(r) * scale;
}

/// 2^x for x up to the largest exponent.
INLINE V FN(vexp2)(V x) {
    V high = S(EXP2_HIGHEST), low = S(EXP2_LOWEST), magic = S(EXPONENT_MAGIC);
    x = FN(larger)(low, FN(smaller)(high, x));
    V t = x + magic;
    V r = x - (t - magic);
    V scale = (V)((VI)t << EXPONENT_SHIFT);
    return EXP2_POLYNOMIAL(r) * scale;
}

/// exp(x) - 1 for x <= 0, without cancellation near 0.
INLINE V FN(vexp_minus_one)(V x) {
    V low = S(EXP_LOWEST), magic = S(EXPONENT_MAGIC);
    x = FN(larger)(low, x);
    V t = x * S(LOG2_E) + magic;
    V n = t - magic;
    V r = x - n * S(LOG2_HIGH);
    r = r - n * S(LOG2_LOW);
    V half_scale = (V)((VI)t << EXPONENT_SHIFT);
#if IS_FLOAT
    V q = ((((S(2 * 0.0013843559766097164) * r + S(2 * 0.008374235950995835)) * r + S(2 * 0.04166800742193876)) * r
            + S(2 * 0.16666430337353427)) * r + S(2 * 0.499999941741983)) * r * r + S(2) * r;
#else
    V q = TAYLOR(r, 0.5, 1 / 6.0, 1 / 24.0, 1 / 120.0, 1 / 720.0, 1 / 5040.0, 1 / 40320.0, 1 / 362880.0, 1 / 3628800.0,
                 1 / 39916800.0, 1 / 479001600.0, 1 / 6227020800.0) * r * r + S(2) * r;
#endif
    return q * half_scale + (S(2) * half_scale - S(1));
}

INLINE V FN(magnitude)(V x) { return (V)((VI)x & ~((VI)(1) << (int)(sizeof(REAL) * 8 - 1))); }

INLINE V FN(vsigmoid)(V x) { return S(1) / (S(1) + FN(vexp)(-x)); }

/// tanh|x| = -e / (e + 2) with e = exp(-2|x|) - 1.
INLINE V FN(vtanh)(V x) {
    V e = FN(vexp_minus_one)(S(-2) * FN(magnitude)(x));
    V t = (S(0) - e) / (e + S(2));
    VI sign = (VI)x & ((VI)(1) << (int)(sizeof(REAL) * 8 - 1));
    return (V)((VI)t | sign);
}

/// log(1 + e) for e in [0, 1] = 2 artanh(e / (2 + e)), a series in s <= 1/3.
INLINE V FN(vlog_one_plus)(V e) {
    V s = e / (S(2) + e), q = s * s;
#if IS_FLOAT
    V p = S(2.0 / 15) * q + S(2.0 / 13);
#else
    V p = S(2.0 / 35) * q + S(2.0 / 33);
    p = p * q + S(2.0 / 31);
    p = p * q + S(2.0 / 29);
    p = p * q + S(2.0 / 27);
    p = p * q + S(2.0 / 25);
    p = p * q + S(2.0 / 23);
    p = p * q + S(2.0 / 21);
    p = p * q + S(2.0 / 19);
    p = p * q + S(2.0 / 17);
    p = p * q + S(2.0 / 15);
    p = p * q + S(2.0 / 13);
#endif
    p = p * q + S(2.0 / 11);
    p = p * q + S(2.0 / 9);
    p = p * q + S(2.0 / 7);
    p = p * q + S(2.0 / 5);
    p = p * q + S(2.0 / 3);
    return p * q * s + S(2) * s;
}

#undef EXPONENT_SHIFT
#undef EXPONENT_MAGIC
#undef EXP_POLYNOMIAL
#undef EXP2_POLYNOMIAL
#undef TAYLOR
#undef LOG2_HIGH
#undef LOG2_LOW
#undef EXP_LOWEST
#undef EXP_HIGHEST
#undef EXP2_LOWEST
#undef EXP2_HIGHEST
