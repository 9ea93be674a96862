// One-argument functions and their derivatives times an incoming gradient. y may be x, dx may be dy.

#define UNARY(f, value, derivative)                                                  \
    static void FN(f)(int64_t n, const REAL *x_, REAL *y) {                          \
        EACH_VECTOR(i, n, V x = LOAD(x_); STORE(y, value);)                          \
    }                                                                                \
    static void FN(f##_backward)(int64_t n, const REAL *x_, const REAL *dy_, REAL *dx) { \
        EACH_VECTOR(i, n, V x = LOAD(x_); V dy = LOAD(dy_); STORE(dx, derivative);)  \
    }

INLINE V FN(silu_slope)(V x) {
    V s = FN(vsigmoid)(x);
    return s + x * s * (S(1) - s);
}

/// 2 sqrt(2 / pi) (x + 0.044715 x^3): gelu_tanh(x) = x * sigmoid of this (Hendrycks and Gimpel, arXiv:1606.08415).
INLINE V FN(gelu_argument)(V x) { return x * (S(1.5957691216057308) + S(1.5957691216057308 * 0.044715) * (x * x)); }
INLINE V FN(gelu_slope)(V x) {
    V s = FN(vsigmoid)(FN(gelu_argument)(x));
    return s + x * s * (S(1) - s) * (S(1.5957691216057308) + S(1.5957691216057308 * 3 * 0.044715) * (x * x));
}

INLINE V FN(softplus_value)(V x) {
    V zero = 0;
    return FN(larger)(zero, x) + FN(vlog_one_plus)(FN(vexp)(-FN(magnitude)(x)));
}

/// 1 - tanh^2 = 4 e / (1 + e)^2 with e = exp(-2 |x|), without cancellation.
INLINE V FN(tanh_slope)(V x) {
    V e = FN(vexp)(S(-2) * FN(magnitude)(x));
    return S(4) * e / ((S(1) + e) * (S(1) + e));
}

UNARY(exp, FN(vexp)(x), FN(vexp)(x) * dy)
UNARY(sqrt, __builtin_elementwise_sqrt(x), S(0.5) * dy / __builtin_elementwise_sqrt(x))
UNARY(reciprocal, S(1) / x, -dy / (x * x))
UNARY(tanh, FN(vtanh)(x), FN(tanh_slope)(x) * dy)
UNARY(sigmoid, FN(vsigmoid)(x), FN(vsigmoid)(x) * FN(vsigmoid)(-x) * dy)
UNARY(silu, x * FN(vsigmoid)(x), FN(silu_slope)(x) * dy)
UNARY(gelu_tanh, x * FN(vsigmoid)(FN(gelu_argument)(x)), FN(gelu_slope)(x) * dy)
UNARY(relu, x < (V)(0) ? (V)(0) : x, x > (V)(0) ? dy : (V)(0))
UNARY(softplus, FN(softplus_value)(x), FN(vsigmoid)(x) * dy)
UNARY(squared_relu, x < (V)(0) ? (V)(0) : x * x, x > (V)(0) ? S(2) * x * dy : (V)(0))

/// exp(-exp(-1/2) sigmoid(x)), the decay of RWKV-7 (arXiv:2503.14456, equation 12), in (0.545, 1).
INLINE V FN(soft_decay_value)(V x) { return FN(vexp)(S(-0.6065306597126334) * FN(vsigmoid)(x)); }
UNARY(soft_decay, FN(soft_decay_value)(x),
      S(-0.6065306597126334) * FN(soft_decay_value)(x) * FN(vsigmoid)(x) * FN(vsigmoid)(-x) * dy)
#undef UNARY

// Not in any model's inner loop: the C library's functions, which clang vectorises where it can (-fveclib).
#if IS_FLOAT
#define LIBRARY(name) name##f
#else
#define LIBRARY(name) name
#endif
#define LIBRARY_UNARY(name, value, derivative)                                                            \
    static void FN(name)(int64_t n, const REAL *x_, REAL *y) {                                            \
        for (int64_t i = 0; i < n; i++) {                                                                 \
            REAL x = x_[i];                                                                               \
            y[i] = value;                                                                                 \
        }                                                                                                 \
    }                                                                                                     \
    static void FN(name##_backward)(int64_t n, const REAL *x_, const REAL *dy_, REAL *dx) {               \
        for (int64_t i = 0; i < n; i++) {                                                                 \
            REAL x = x_[i], dy = dy_[i];                                                                  \
            dx[i] = derivative;                                                                           \
        }                                                                                                 \
    }

LIBRARY_UNARY(log, LIBRARY(log)(x), dy / x)
LIBRARY_UNARY(sine, LIBRARY(sin)(x), LIBRARY(cos)(x) * dy)
LIBRARY_UNARY(cosine, LIBRARY(cos)(x), -LIBRARY(sin)(x) * dy)
#undef LIBRARY_UNARY
#undef LIBRARY
