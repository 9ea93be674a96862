// C = op(A) op(B) in single precision for AVX2 and FMA, in two steps that the caller cuts into pieces: B is packed once
// for everybody, then rows of C are computed from it. A BLAS that is called piece by piece packs B again for each of
// them, which costs a tenth of the time at the sizes of a training step here.
//
// The structure is that of Goto and van de Geijn, "Anatomy of high-performance matrix multiplication" (2008,
// doi:10.1145/1356052.1356053): a panel of B of DEPTH x 16 stays in the first cache, a block of A in the second, B as a
// whole in the third.
#include "kernels.h"

#if defined(__x86_64__)

#include "packed_product_pack.h"
#include "vector_level.h"

/// Steps of the inner extent that are summed in registers before C is touched.
#define DEPTH 192

int32_t zk_packed_product_applies(void) { return vector_level() == 1; }

/// The inner extent cut into the fewest equal parts of at most DEPTH, each a multiple of 8 but the last.
static int64_t depth_of_part(int64_t inner) {
    const int64_t parts = (inner + DEPTH - 1) / DEPTH;
    return ((inner + parts - 1) / parts + 7) / 8 * 8;
}

static int64_t padded(int64_t columns) { return (columns + TILE_COLUMNS - 1) / TILE_COLUMNS * TILE_COLUMNS; }

int64_t zk_packed_product_panels(int64_t columns) { return padded(columns) / TILE_COLUMNS; }

int64_t zk_packed_product_size(int64_t columns, int64_t inner) { return padded(columns) * inner; }

int64_t zk_packed_product_workspace(int64_t rows, int64_t inner) {
    return (rows + TILE_ROWS - 1) / TILE_ROWS * TILE_ROWS * (inner < DEPTH ? inner : DEPTH);
}

AVX2 void zk_packed_product_pack(int32_t transpose_b, int64_t columns, int64_t inner, const float *b, int64_t b_stride,
                                 int64_t first_panel, int64_t last_panel, float *packed) {
    const int64_t depth = depth_of_part(inner), width = padded(columns);
    const int64_t begin = first_panel * TILE_COLUMNS;
    const int64_t end = last_panel * TILE_COLUMNS < columns ? last_panel * TILE_COLUMNS : columns;
    for (int64_t p = 0; p < inner; p += depth) {
        const int64_t steps = inner - p < depth ? inner - p : depth;
        float *target = packed + p * width + begin * steps;
        if (transpose_b) {
            pack_b_columns(end - begin, steps, b + begin * b_stride + p, b_stride, target);
        } else {
            pack_b_rows(end - begin, steps, b + p * b_stride + begin, b_stride, target);
        }
    }
}

// The whole tiles, each in a function of its own: that keeps their sums in registers and their strides constant.
#define WHOLE_TILE(name, adding, a_step)                                                                         \
    AVX2 static __attribute__((noinline)) void name(int64_t steps, const float *a, int64_t a_row, const float *b, \
                                                    float *c, int64_t c_stride) {                                \
        tile(TILE_ROWS, 0, adding, TILE_COLUMNS, steps, a, a_row, a_step, b, c, c_stride);                       \
    }
WHOLE_TILE(direct_tile, 0, 1)
WHOLE_TILE(direct_tile_adding, 1, 1)
#undef WHOLE_TILE
#define WHOLE_TILE(name, adding)                                                                                 \
    AVX2 static __attribute__((noinline)) void name(int64_t steps, const float *a, int64_t a_row, const float *b, \
                                                    float *c, int64_t c_stride) {                                \
        tile(TILE_ROWS, 0, adding, TILE_COLUMNS, steps, a, 1, TILE_ROWS, b, c, c_stride);                        \
    }
WHOLE_TILE(packed_tile, 0)
WHOLE_TILE(packed_tile_adding, 1)
#undef WHOLE_TILE
typedef void whole_tile(int64_t steps, const float *a, int64_t a_row, const float *b, float *c, int64_t c_stride);

/// Tiles with fewer rows or columns.
AVX2 static __attribute__((noinline)) void edge_tile(int adding, int64_t rows, int64_t columns, int64_t steps,
                                                     const float *a, int64_t a_row, int64_t a_step, const float *b,
                                                     float *c, int64_t c_stride) {
#define CASE(count)                                                                    \
    case count:                                                                        \
        if (adding) {                                                                  \
            tile(count, 1, 1, columns, steps, a, a_row, a_step, b, c, c_stride);       \
        } else {                                                                       \
            tile(count, 1, 0, columns, steps, a, a_row, a_step, b, c, c_stride);       \
        }                                                                              \
        break;
    switch (rows) {
        CASE(1)
        CASE(2)
        CASE(3)
        CASE(4)
        CASE(5)
        CASE(6)
    }
#undef CASE
}

/// The tiles of some rows and `steps` of the inner extent. A is packed, or rows `a_stride` apart.
AVX2 static void multiply_block(int is_packed, int adding, int64_t rows, int64_t columns, int64_t steps, const float *a,
                                int64_t a_stride, const float *b, float *c, int64_t c_stride) {
    whole_tile *whole = is_packed ? (adding ? packed_tile_adding : packed_tile)
                                  : (adding ? direct_tile_adding : direct_tile);
    const int64_t panel = TILE_ROWS * (is_packed ? steps : a_stride);
    const int64_t a_row = is_packed ? 1 : a_stride, a_step = is_packed ? TILE_ROWS : 1;
    for (int64_t j = 0; j < columns; j += TILE_COLUMNS, b += TILE_COLUMNS * steps) {
        const int64_t width = columns - j < TILE_COLUMNS ? columns - j : TILE_COLUMNS;
        // The next panel of B comes from the third cache while this one is used, a few lines with each tile.
        const char *ahead = (const char *)(b + TILE_COLUMNS * steps);
        const int64_t lines = (steps * TILE_ROWS + rows - 1) / rows;
        const float *here = a;
        for (int64_t i = 0; i < rows; i += TILE_ROWS, here += panel) {
            float *target = c + i * c_stride + j;
            const int64_t height = rows - i < TILE_ROWS ? rows - i : TILE_ROWS;
            for (int64_t line = 0; line < lines; line++, ahead += 64) _mm_prefetch(ahead, _MM_HINT_T1);
            if (height == TILE_ROWS && width == TILE_COLUMNS) {
                whole(steps, here, a_row, b, target, c_stride);
            } else {
                edge_tile(adding, height, width, steps, here, a_row, a_step, b, target, c_stride);
            }
        }
    }
}

void zk_packed_product(int32_t transpose_a, int64_t rows, int64_t columns, int64_t inner, const float *a,
                       int64_t a_stride, const float *packed_b, int32_t adding, float *c, int64_t c_stride,
                       float *workspace) {
    const int64_t depth = depth_of_part(inner), width = padded(columns);
    for (int64_t p = 0; p < inner; p += depth) {
        const int64_t steps = inner - p < depth ? inner - p : depth;
        // Rows of A are read where they lie; only a transposed A, whose steps are far apart, is worth a copy.
        if (transpose_a) pack_a_columns(rows, steps, a + p * a_stride, a_stride, workspace);
        multiply_block(transpose_a, adding || p > 0, rows, columns, steps, transpose_a ? workspace : a + p, a_stride,
                       packed_b + p * width, c, c_stride);
    }
}

#else

int32_t zk_packed_product_applies(void) { return 0; }
int64_t zk_packed_product_panels(int64_t columns) { return 0; }
int64_t zk_packed_product_size(int64_t columns, int64_t inner) { return 0; }
int64_t zk_packed_product_workspace(int64_t rows, int64_t inner) { return 0; }
void zk_packed_product_pack(int32_t transpose_b, int64_t columns, int64_t inner, const float *b, int64_t b_stride,
                            int64_t first_panel, int64_t last_panel, float *packed) {}
void zk_packed_product(int32_t transpose_a, int64_t rows, int64_t columns, int64_t inner, const float *a,
                       int64_t a_stride, const float *packed_b, int32_t adding, float *c, int64_t c_stride,
                       float *workspace) {}

#endif
