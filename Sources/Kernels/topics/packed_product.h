// Packed matrix products. The structure is that of Goto and van de Geijn, "Anatomy of high-performance matrix
// multiplication" (2008, doi:10.1145/1356052.1356053): a panel of B stays in the first cache, a block of A in the second,
// B as a whole in the third. The tile of C in registers is 6 x 16 with AVX2 (12 accumulators, 2 registers of B and one
// element of A, out of 16) and 12 x 32 with AVX-512 (24, 2 and one, out of 32): enough chains to hide the latency of a
// fused multiply-add (4 cycles, two a cycle).
//
// A becomes panels of PRODUCT_ROWS rows, [panel][step][row]; B becomes panels of COLUMNS columns, [panel][step][column].

#ifdef PRODUCT_ROWS

#include "../transpose.h"

#define COLUMNS ((int64_t)LANES * PRODUCT_VECTORS)
/// Steps of the inner extent that are summed in registers before C is touched: a panel of B takes 12 or 24 KiB.
#define DEPTH ((int64_t)192)
/// Steps that are packed together where rows are copied: whole cache lines are written, few rows are read at a time.
#define PACK_STEPS ((int64_t)8)

/// The inner extent cut into the fewest equal parts of at most DEPTH, each a multiple of 8 but the last.
INLINE int64_t FN(depth_of_part)(int64_t inner) {
    const int64_t parts = (inner + DEPTH - 1) / DEPTH;
    return ((inner + parts - 1) / parts + 7) / 8 * 8;
}

static int64_t FN(packed_product_rows)(void) { return PRODUCT_ROWS; }

static int64_t FN(packed_product_panels)(int64_t columns) { return (columns + COLUMNS - 1) / COLUMNS; }

static int64_t FN(packed_product_size)(int64_t columns, int64_t inner) {
    return FN(packed_product_panels)(columns) * COLUMNS * inner;
}

static int64_t FN(packed_product_workspace)(int64_t rows, int64_t inner) {
    return (rows + PRODUCT_ROWS - 1) / PRODUCT_ROWS * PRODUCT_ROWS * FN(depth_of_part)(inner);
}

// ---- Packing -------------------------------------------------------------------------------

// What is packed comes from far away as often as not, in a pattern of rows that no processor foresees: each row is asked
// for one group of rows ahead. Asking behind the end of the matrix is harmless.

/// A stored [steps, rows], to be transposed.
static void FN(pack_a)(int64_t rows, int64_t steps, const REAL *a, int64_t stride, REAL *packed) {
    for (int64_t p = 0; p < steps; p += PACK_STEPS, a += PACK_STEPS * stride, packed += PACK_STEPS * PRODUCT_ROWS) {
        const int64_t count = steps - p < PACK_STEPS ? steps - p : PACK_STEPS;
        REAL *target = packed;
        int64_t i = 0;
        for (; i + PRODUCT_ROWS <= rows; i += PRODUCT_ROWS, target += steps * PRODUCT_ROWS) {
            for (int64_t s = 0; s < count; s++) {
                __builtin_prefetch(a + (s + PACK_STEPS) * stride + i);
                __builtin_memcpy(target + s * PRODUCT_ROWS, a + s * stride + i, PRODUCT_ROWS * sizeof(REAL));
            }
        }
        for (int64_t r = 0; r < rows - i; r++) {
            for (int64_t s = 0; s < count; s++) target[s * PRODUCT_ROWS + r] = a[s * stride + i + r];
        }
    }
}

/// B stored [steps, columns].
static void FN(pack_b_rows)(int64_t columns, int64_t steps, const REAL *b, int64_t stride, REAL *packed) {
    for (int64_t p = 0; p < steps; p += PACK_STEPS, b += PACK_STEPS * stride, packed += PACK_STEPS * COLUMNS) {
        const int64_t count = steps - p < PACK_STEPS ? steps - p : PACK_STEPS;
        REAL *target = packed;
        for (int64_t j = 0; j < columns; j += COLUMNS, target += steps * COLUMNS) {
            const int whole = j + COLUMNS <= columns;
            for (int64_t s = 0; s < count; s++) {
                const REAL *from = b + s * stride + j;
#pragma unroll
                for (int64_t v = 0; v < PRODUCT_VECTORS; v++) {
                    __builtin_prefetch(from + PACK_STEPS * stride + v * LANES);
                    const int64_t left = columns - j - v * LANES;
                    V values = 0;
                    if (whole) {
                        values = FN(load)(from + v * LANES);
                    } else if (left > 0) {
                        values = FN(load_part)(from + v * LANES, left);
                    }
                    FN(store)(target + s * COLUMNS + v * LANES, values);
                }
            }
        }
    }
}

/// B stored [columns, steps], to be transposed.
static void FN(pack_b_columns)(int64_t columns, int64_t steps, const REAL *b, int64_t stride, REAL *packed) {
    for (int64_t j = 0; j < columns; j += COLUMNS, packed += COLUMNS * steps) {
        const int64_t count = columns - j < COLUMNS ? columns - j : COLUMNS;
        FN(transpose)(count, steps, 1, b + j * stride, stride, packed, COLUMNS);
        // The rest of the last panel is multiplied too, though nobody reads what comes of it.
        for (int64_t p = 0; p < steps && count < COLUMNS; p++) {
            for (int64_t r = count; r < COLUMNS; r++) packed[p * COLUMNS + r] = 0;
        }
    }
}

static void FN(packed_product_pack)(int32_t transpose_b, int64_t columns, int64_t inner, const REAL *b,
                                    int64_t b_stride, int64_t first, int64_t last, REAL *packed) {
    const int64_t depth = FN(depth_of_part)(inner), width = FN(packed_product_panels)(columns) * COLUMNS;
    const int64_t begin = first * COLUMNS, end = last * COLUMNS < columns ? last * COLUMNS : columns;
    for (int64_t p = 0; p < inner; p += depth) {
        const int64_t steps = inner - p < depth ? inner - p : depth;
        REAL *target = packed + p * width + begin * steps;
        if (transpose_b) {
            FN(pack_b_columns)(end - begin, steps, b + begin * b_stride + p, b_stride, target);
        } else {
            FN(pack_b_rows)(end - begin, steps, b + p * b_stride + begin, b_stride, target);
        }
    }
}

// ---- Tiles ---------------------------------------------------------------------------------

/// C tile = A B over `steps`, added to C if `adding`. Element (i, p) of A is a[i * a_row + p * a_step]; b: [steps][COLUMNS].
/// `rows`, `whole` and `adding` are constants at every call; a tile that is not whole touches the first `columns` of C only.
INLINE void FN(product_tile)(const int rows, const int whole, const int adding, int64_t columns, int64_t steps,
                             const REAL *a, int64_t a_row, int64_t a_step, const REAL *b, REAL *c, int64_t c_stride) {
    V sum[PRODUCT_ROWS][PRODUCT_VECTORS];
    // Three rows to a pointer: the processor's addresses reach 0, 1 and 2 strides from one.
    const REAL *group[PRODUCT_ROWS / 3];
#pragma unroll
    for (int g = 0; g < PRODUCT_ROWS / 3; g++) group[g] = a + 3 * g * a_row;
#pragma unroll
    for (int i = 0; i < rows; i++) {
#pragma unroll
        for (int v = 0; v < PRODUCT_VECTORS; v++) {
            if (adding && whole) __builtin_prefetch(c + i * c_stride + (v + 1) * LANES - 1);
            sum[i][v] = (V)(0);
        }
    }
#pragma clang loop unroll_count(4)
    for (int64_t p = 0; p < steps; p++, b += COLUMNS) {
        V row[PRODUCT_VECTORS];
#pragma unroll
        for (int v = 0; v < PRODUCT_VECTORS; v++) row[v] = *(const V *)(b + v * LANES);
#pragma unroll
        for (int i = 0; i < rows; i++) {
            const V value = FN(splat)(group[i / 3][i % 3 * a_row]);
#pragma unroll
            for (int v = 0; v < PRODUCT_VECTORS; v++) sum[i][v] += value * row[v];
        }
#pragma unroll
        for (int g = 0; g < PRODUCT_ROWS / 3; g++) group[g] += a_step;
    }
#pragma unroll
    for (int i = 0; i < rows; i++) {
#pragma unroll
        for (int v = 0; v < PRODUCT_VECTORS; v++) {
            REAL *target = c + i * c_stride + v * LANES;
            const int64_t left = columns - v * LANES;
            if (whole) {
                FN(store)(target, adding ? FN(load)(target) + sum[i][v] : sum[i][v]);
            } else if (left > 0) {
                FN(store_part)(target, adding ? FN(load_part)(target, left) + sum[i][v] : sum[i][v], left);
            }
        }
    }
}

// The whole tiles, each in a function of its own: that keeps their sums in registers and their strides constant.
typedef void FN(whole_tile)(int64_t steps, const REAL *a, int64_t a_row, const REAL *b, REAL *c, int64_t c_stride);
#define WHOLE_TILE(name, adding, row, step)                                                                       \
    static __attribute__((noinline)) void FN(name)(int64_t steps, const REAL *a, int64_t a_row, const REAL *b,    \
                                                   REAL *c, int64_t c_stride) {                                  \
        FN(product_tile)(PRODUCT_ROWS, 1, adding, COLUMNS, steps, a, row, step, b, c, c_stride);                  \
    }
WHOLE_TILE(direct_tile, 0, a_row, 1)
WHOLE_TILE(direct_tile_adding, 1, a_row, 1)
WHOLE_TILE(packed_tile, 0, 1, PRODUCT_ROWS)
WHOLE_TILE(packed_tile_adding, 1, 1, PRODUCT_ROWS)
#undef WHOLE_TILE

/// Tiles with fewer rows or columns.
static __attribute__((noinline)) void FN(edge_tile)(int adding, int64_t rows, int64_t columns, int64_t steps,
                                                    const REAL *a, int64_t a_row, int64_t a_step, const REAL *b,
                                                    REAL *c, int64_t c_stride) {
#define CASE(count)                                                                              \
    case count:                                                                                  \
        if (adding) {                                                                            \
            FN(product_tile)(count, 0, 1, columns, steps, a, a_row, a_step, b, c, c_stride);     \
        } else {                                                                                 \
            FN(product_tile)(count, 0, 0, columns, steps, a, a_row, a_step, b, c, c_stride);     \
        }                                                                                        \
        break;
    switch (rows) {
        CASE(1)
        CASE(2)
        CASE(3)
        CASE(4)
        CASE(5)
        CASE(6)
#if PRODUCT_ROWS > 6
        CASE(7)
        CASE(8)
        CASE(9)
        CASE(10)
        CASE(11)
        CASE(12)
#endif
    }
#undef CASE
}

/// The tiles of some rows and `steps` of the inner extent. A is packed, or rows `a_stride` apart.
static void FN(multiply_block)(int is_packed, int adding, int64_t rows, int64_t columns, int64_t steps, const REAL *a,
                               int64_t a_stride, const REAL *b, REAL *c, int64_t c_stride) {
    FN(whole_tile) *whole = is_packed ? (adding ? FN(packed_tile_adding) : FN(packed_tile))
                                      : (adding ? FN(direct_tile_adding) : FN(direct_tile));
    const int64_t panel = PRODUCT_ROWS * (is_packed ? steps : a_stride);
    const int64_t a_row = is_packed ? 1 : a_stride, a_step = is_packed ? PRODUCT_ROWS : 1;
    for (int64_t j = 0; j < columns; j += COLUMNS, b += COLUMNS * steps) {
        const int64_t width = columns - j < COLUMNS ? columns - j : COLUMNS;
        // The next panel of B comes from the third cache while this one is used, a few lines with each tile.
        const char *ahead = (const char *)(b + COLUMNS * steps);
        const int64_t lines = (steps * PRODUCT_VECTORS * PRODUCT_ROWS + rows - 1) / rows;
        const REAL *here = a;
        for (int64_t i = 0; i < rows; i += PRODUCT_ROWS, here += panel) {
            REAL *target = c + i * c_stride + j;
            const int64_t height = rows - i < PRODUCT_ROWS ? rows - i : PRODUCT_ROWS;
            for (int64_t line = 0; line < lines; line++, ahead += 64) __builtin_prefetch(ahead, 0, 2);
            if (height == PRODUCT_ROWS && width == COLUMNS) {
                whole(steps, here, a_row, b, target, c_stride);
            } else {
                FN(edge_tile)(adding, height, width, steps, here, a_row, a_step, b, target, c_stride);
            }
        }
    }
}

static void FN(packed_product)(int32_t transpose_a, int64_t rows, int64_t columns, int64_t inner, const REAL *a,
                               int64_t a_stride, const REAL *packed, int32_t adding, REAL *c, int64_t c_stride,
                               REAL *workspace) {
    const int64_t depth = FN(depth_of_part)(inner), width = FN(packed_product_panels)(columns) * COLUMNS;
    for (int64_t p = 0; p < inner; p += depth) {
        const int64_t steps = inner - p < depth ? inner - p : depth;
        // Rows of A are read where they lie; only a transposed A, whose steps are far apart, is worth a copy.
        if (transpose_a) FN(pack_a)(rows, steps, a + p * a_stride, a_stride, workspace);
        FN(multiply_block)(transpose_a, adding || p > 0, rows, columns, steps, transpose_a ? workspace : a + p, a_stride,
                           packed + p * width, c, c_stride);
    }
}
#undef COLUMNS
#undef DEPTH
#undef PACK_STEPS

#else

// No registers to spare, or a processor on which nobody has measured it: callers use `gemm`.
static int64_t FN(packed_product_rows)(void) { return 0; }
static int64_t FN(packed_product_panels)(int64_t columns) { return 0; }
static int64_t FN(packed_product_size)(int64_t columns, int64_t inner) { return 0; }
static int64_t FN(packed_product_workspace)(int64_t rows, int64_t inner) { return 0; }
static void FN(packed_product_pack)(int32_t transpose_b, int64_t columns, int64_t inner, const REAL *b,
                                    int64_t b_stride, int64_t first, int64_t last, REAL *packed) {}
static void FN(packed_product)(int32_t transpose_a, int64_t rows, int64_t columns, int64_t inner, const REAL *a,
                               int64_t a_stride, const REAL *packed, int32_t adding, REAL *c, int64_t c_stride,
                               REAL *workspace) {}

#endif
