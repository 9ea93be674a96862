// Compiles one topic for every vector level and both real types, and picks the level when the library is loaded.
//
// A source file says
//     #define TOPIC "topics/swiglu.h"
//     #include "levels.h"
//     EXPORT(swiglu)
// and the topic defines `static void FN(swiglu)(…)` in terms of REAL, LANES and the vectors of vector.h. On x86-64 that
// gives zk_swiglu_f32_v4, _v3 and _v1 (AVX-512, AVX2 with FMA, SSE2), and EXPORT makes zk_swiglu_f32 an indirect function,
// bound once by the loader. `target_clones` would do the same, but does not combine with `min_vector_width`, without
// which clang uses half of the AVX-512 registers' width. On other processors the topic is compiled once, plainly.
#ifndef LEVELS_H
#define LEVELS_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>

#include "kernels.h"
#include "vector_level.h"

// Vectors wider than the registers pass between functions that are always inlined: no call interface is involved.
#pragma clang diagnostic ignored "-Wpsabi"

#define JOIN_(a, b, c, d) a##b##c##d
#define JOIN(a, b, c, d) JOIN_(a, b, c, d)
#define INLINE static inline __attribute__((always_inline, unused))

#if defined(__x86_64__)
#define EXPORT_ONE(f)                                                                            \
    static void *resolve_##f(void) {                                                             \
        __typeof(f) *chosen[3] = {f##_v1, f##_v3, f##_v4};                                       \
        return (void *)chosen[vector_level()];                                                   \
    }                                                                                            \
    __typeof(f) f __attribute__((ifunc("resolve_" #f)));
#else
#define EXPORT_ONE(f)
#endif
#define EXPORT(name) EXPORT_ONE(zk_##name##_f32) EXPORT_ONE(zk_##name##_f64)

#endif

#if defined(__x86_64__)
#define LEVEL _v4
#define TILE_ROWS 6
#define TILE_VECTORS 4
#define PRODUCT_ROWS 12
#define PRODUCT_VECTORS 2
#pragma clang attribute push(__attribute__((target("arch=x86-64-v4"), min_vector_width(512))), apply_to = function)
#include "types.h"
#pragma clang attribute pop
#undef LEVEL
#undef TILE_ROWS
#undef TILE_VECTORS
#undef PRODUCT_ROWS
#undef PRODUCT_VECTORS

#define LEVEL _v3
#define TILE_ROWS 6
#define TILE_VECTORS 1
#define PRODUCT_ROWS 6
#define PRODUCT_VECTORS 1
#pragma clang attribute push(__attribute__((target("arch=x86-64-v3"))), apply_to = function)
#include "types.h"
#pragma clang attribute pop
#undef LEVEL
#undef TILE_ROWS
#undef TILE_VECTORS
#undef PRODUCT_ROWS
#undef PRODUCT_VECTORS

#define LEVEL _v1
#define TILE_ROWS 2
#define TILE_VECTORS 1
#include "types.h"
#undef LEVEL
#undef TILE_ROWS
#undef TILE_VECTORS
#undef PRODUCT_ROWS
#undef PRODUCT_VECTORS
#else
#define LEVEL
#define TILE_ROWS 6
#define TILE_VECTORS 1
#include "types.h"
#undef LEVEL
#undef TILE_ROWS
#undef TILE_VECTORS
#undef PRODUCT_ROWS
#undef PRODUCT_VECTORS
#endif
