// Packing for packed_product.c: blocks of A and B copied into the order in which the tiles read them.
//
// A becomes panels of 6 rows, [panel][step][6]; B becomes panels of 16 columns, [panel][step][16]. The copies make the
// innermost loop read memory in sequence, and are where the transposes happen.
#ifndef PACKED_PRODUCT_PACK_H
#define PACKED_PRODUCT_PACK_H

#include <string.h>

#include "packed_product_tile.h"

/// What is packed comes from far away as often as not, in a pattern of rows that no processor foresees: each row is
/// asked for one group of rows ahead. Asking behind the end of the matrix is harmless.
#define PREFETCH(p) _mm_prefetch((const char *)(p), _MM_HINT_T0)

/// Lane i of out[p] = lane p of row i: rows[i] points at 8 values.
AVX2_INLINE void transpose8(const float *const rows[8], __m256 out[8]) {
    __m256 r[8];
#pragma clang loop unroll(full)
    for (int i = 0; i < 4; i++) {
        // Rows i and i + 4 share a register, half a row each: then the transpose needs no shuffle across halves.
        r[i] = _mm256_insertf128_ps(_mm256_castps128_ps256(_mm_loadu_ps(rows[i])), _mm_loadu_ps(rows[i + 4]), 1);
        r[i + 4] = _mm256_insertf128_ps(_mm256_castps128_ps256(_mm_loadu_ps(rows[i] + 4)), _mm_loadu_ps(rows[i + 4] + 4), 1);
    }
#pragma clang loop unroll(full)
    for (int h = 0; h < 8; h += 4) {
        const __m256 t0 = _mm256_unpacklo_ps(r[h], r[h + 1]), t1 = _mm256_unpackhi_ps(r[h], r[h + 1]);
        const __m256 t2 = _mm256_unpacklo_ps(r[h + 2], r[h + 3]), t3 = _mm256_unpackhi_ps(r[h + 2], r[h + 3]);
        out[h] = _mm256_shuffle_ps(t0, t2, 0x44);
        out[h + 1] = _mm256_shuffle_ps(t0, t2, 0xEE);
        out[h + 2] = _mm256_shuffle_ps(t1, t3, 0x44);
        out[h + 3] = _mm256_shuffle_ps(t1, t3, 0xEE);
    }
}

/// Copies `count` (up to 8) values of each row aside, so that nothing behind the rows is read.
AVX2_INLINE void transpose8_part(const float *const rows[8], int64_t count, __m256 out[8]) {
    float copy[8][8];
    const float *copies[8];
    const __m256i mask = lanes_below(count);
    for (int i = 0; i < 8; i++) {
        _mm256_storeu_ps(copy[i], _mm256_maskload_ps(rows[i], mask));
        copies[i] = copy[i];
    }
    transpose8(copies, out);
}

/// Steps that are packed together where rows are copied: whole cache lines are written, few rows are read at a time.
#define PACK_STEPS 8

/// A stored [steps, rows], to be transposed.
AVX2 static void pack_a_columns(int64_t rows, int64_t steps, const float *a, int64_t stride, float *packed) {
    for (int64_t p = 0; p < steps; p += PACK_STEPS, a += PACK_STEPS * stride, packed += PACK_STEPS * TILE_ROWS) {
        const int64_t count = steps - p < PACK_STEPS ? steps - p : PACK_STEPS;
        float *target = packed;
        int64_t i = 0;
        for (; i + TILE_ROWS <= rows; i += TILE_ROWS, target += steps * TILE_ROWS) {
            for (int64_t s = 0; s < count; s++) {
                const float *from = a + s * stride + i;
                PREFETCH(from + PACK_STEPS * stride);
                _mm_storeu_ps(target + s * TILE_ROWS, _mm_loadu_ps(from));
                memcpy(target + s * TILE_ROWS + 4, from + 4, 2 * sizeof(float));
            }
        }
        for (int64_t r = 0; r < rows - i; r++) {
            for (int64_t s = 0; s < count; s++) target[s * TILE_ROWS + r] = a[s * stride + i + r];
        }
    }
}

/// B stored [steps, columns]: rows of `columns` values.
AVX2 static void pack_b_rows(int64_t columns, int64_t steps, const float *b, int64_t stride, float *packed) {
    for (int64_t p = 0; p < steps; p += PACK_STEPS, b += PACK_STEPS * stride, packed += PACK_STEPS * TILE_COLUMNS) {
        const int64_t count = steps - p < PACK_STEPS ? steps - p : PACK_STEPS;
        float *target = packed;
        int64_t j = 0;
        for (; j + TILE_COLUMNS <= columns; j += TILE_COLUMNS, target += steps * TILE_COLUMNS) {
            for (int64_t s = 0; s < count; s++) {
                PREFETCH(b + (s + PACK_STEPS) * stride + j);
                _mm256_store_ps(target + s * TILE_COLUMNS, _mm256_loadu_ps(b + s * stride + j));
                _mm256_store_ps(target + s * TILE_COLUMNS + 8, _mm256_loadu_ps(b + s * stride + j + 8));
            }
        }
        if (j == columns) continue;
        for (int64_t s = 0; s < count; s++) {
            for (int64_t r = 0; r < TILE_COLUMNS; r++) {
                target[s * TILE_COLUMNS + r] = j + r < columns ? b[s * stride + j + r] : 0;
            }
        }
    }
}

/// B stored [columns, steps], to be transposed.
AVX2 static void pack_b_columns(int64_t columns, int64_t steps, const float *b, int64_t stride, float *packed) {
    for (int64_t j = 0; j < columns; j += TILE_COLUMNS, packed += steps * TILE_COLUMNS) {
        for (int half = 0; half < TILE_COLUMNS; half += 8) {
            const float *rows[8];
            // Columns behind the last take the values of the first of their panel: they are never used, and finite
            // only if it is, which is enough, since no element of C mixes columns.
            for (int r = 0; r < 8; r++) rows[r] = b + (j + half + r < columns ? j + half + r : j) * stride;
            float *target = packed + half;
            int64_t p = 0;
            __m256 column[8];
            for (; p + 8 <= steps; p += 8, target += 8 * TILE_COLUMNS) {
                transpose8(rows, column);
#pragma clang loop unroll(full)
                for (int s = 0; s < 8; s++) _mm256_store_ps(target + s * TILE_COLUMNS, column[s]);
                for (int r = 0; r < 8; r++) PREFETCH(rows[r] + 8 * stride);
                for (int r = 0; r < 8; r++) rows[r] += 8;
            }
            if (p < steps) {
                transpose8_part(rows, steps - p, column);
                for (int s = 0; s < steps - p; s++) _mm256_store_ps(target + s * TILE_COLUMNS, column[s]);
            }
        }
    }
}

#endif
