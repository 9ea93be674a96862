// The innermost loop of packed_product.c: up to 6 x 16 elements of C in registers.
//
// 6 rows of two 8-lane vectors are 12 accumulators; with two vectors of B and one broadcast element of A that is 15 of
// the 16 AVX2 registers, and enough independent chains to hide the latency of FMA (4 cycles, two a cycle).
#ifndef PACKED_PRODUCT_TILE_H
#define PACKED_PRODUCT_TILE_H

#include <immintrin.h>
#include <stdint.h>

#define AVX2 __attribute__((target("avx2,fma")))
#define AVX2_INLINE static inline __attribute__((always_inline, target("avx2,fma")))

#define TILE_ROWS 6
#define TILE_COLUMNS 16

/// Loading 8 values at lane_masks + 16 - count gives the mask of the first `count` lanes, none for negative counts.
static const int32_t lane_masks[32] = {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1};

AVX2_INLINE __m256i lanes_below(int64_t count) {
    const int64_t clamped = count < 0 ? 0 : count > 8 ? 8 : count;
    return _mm256_loadu_si256((const __m256i *)(lane_masks + 16 - clamped));
}

/// C tile = A B over `steps`, added to C if `adding`. Element (i, p) of A is a[i * a_row + p * a_step]; b: [steps][16],
/// its unused columns anything.
/// `rows`, `masked` and `adding` are constants at every call; a masked tile touches only the first `columns` of C.
AVX2_INLINE void tile(const int rows, const int masked, const int adding, int64_t columns, int64_t steps, const float *a,
                      int64_t a_row, int64_t a_step, const float *b, float *c, int64_t c_stride) {
    __m256 sum[TILE_ROWS][2];
#pragma clang loop unroll(full)
    for (int i = 0; i < rows; i++) {
        if (adding) _mm_prefetch((const char *)(c + i * c_stride + TILE_COLUMNS - 1), _MM_HINT_T0);
        sum[i][0] = sum[i][1] = _mm256_setzero_ps();
    }
    const float *upper = a, *lower = a + 3 * a_row;
#pragma clang loop unroll_count(4)
    for (int64_t p = 0; p < steps; p++) {
        const __m256 first = _mm256_load_ps(b), second = _mm256_load_ps(b + 8);
#pragma clang loop unroll(full)
        for (int i = 0; i < rows; i++) {
            const __m256 value = _mm256_broadcast_ss(i < 3 ? upper + i * a_row : lower + (i - 3) * a_row);
            sum[i][0] = _mm256_fmadd_ps(value, first, sum[i][0]);
            sum[i][1] = _mm256_fmadd_ps(value, second, sum[i][1]);
        }
        upper += a_step;
        lower += a_step;
        b += TILE_COLUMNS;
    }
    const __m256i mask[2] = {lanes_below(columns), lanes_below(columns - 8)};
#pragma clang loop unroll(full)
    for (int i = 0; i < rows; i++) {
#pragma clang loop unroll(full)
        for (int v = 0; v < 2; v++) {
            float *target = c + i * c_stride + 8 * v;
            __m256 result = sum[i][v];
            if (masked) {
                if (adding) result = _mm256_add_ps(result, _mm256_maskload_ps(target, mask[v]));
                _mm256_maskstore_ps(target, mask[v], result);
            } else {
                if (adding) result = _mm256_add_ps(result, _mm256_loadu_ps(target));
                _mm256_storeu_ps(target, result);
            }
        }
    }
}

#endif
