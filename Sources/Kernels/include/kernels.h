// The hot loops, in C, once for float32 (`_f32`) and once for float64 (`_f64`).
//
// Every function works on the piece it is given, on the calling thread: the caller cuts the work
// into fixed pieces, so that results do not depend on the number of threads.
// Shapes: B batch, T tokens, D model width, H heads, K key width, V value width, N state size.
// Matrices are row-major; `*_stride` counts elements from one row to the next.
// The same call gives the same bits on one machine; processors with other vector widths round sums differently.
// Pointers need only the alignment of their element, and do not overlap unless a comment says that they may.
// Nothing here allocates: where scratch is needed, a `workspace` argument says how much the caller must bring.
#ifndef KERNELS_H
#define KERNELS_H

#include <stdint.h>

#define REAL float
#define NAME(name) zk_##name##_f32
#include "kernels_declarations.h"
#undef REAL
#undef NAME

#define REAL double
#define NAME(name) zk_##name##_f64
#include "kernels_declarations.h"
#undef REAL
#undef NAME

/// Matrix products in two steps, for float32 on processors with AVX2 and FMA but not AVX-512 (1 where it applies; there
/// it beats OpenBLAS 0.3.21 wherever A has more rows than a few tiles; with AVX-512 nobody has measured it).
///
/// First B, [inner, columns] or its transpose, is packed in panels of 16 columns: `pack` does panels `first_panel` up to
/// `last_panel` of `panels(columns)` into `packed`, `size(columns, inner)` floats on a 64-byte boundary. Then
/// C[rows, columns] = op(A) B, or += with `adding`, for any rows at a time, from the whole of `packed`.
/// `workspace`: floats, for a transposed A only. Needs 1 or more rows, columns and steps of the inner extent.
/// An element of C has the same bits whatever rows are computed along with it.
int32_t zk_packed_product_applies(void);
int64_t zk_packed_product_panels(int64_t columns);
int64_t zk_packed_product_size(int64_t columns, int64_t inner);
int64_t zk_packed_product_workspace(int64_t rows, int64_t inner);
void zk_packed_product_pack(int32_t transpose_b, int64_t columns, int64_t inner, const float *_Nonnull b,
                            int64_t b_stride, int64_t first_panel, int64_t last_panel, float *_Nonnull packed);
void zk_packed_product(int32_t transpose_a, int64_t rows, int64_t columns, int64_t inner, const float *_Nonnull a,
                       int64_t a_stride, const float *_Nonnull packed_b, int32_t adding, float *_Nonnull c,
                       int64_t c_stride, float *_Nullable workspace);

/// y[i] = bfloat16 or half precision decoded to float32 (safetensors holding 16-bit weights).
void zk_decode_bf16(int64_t n, const uint16_t *_Nonnull x, float *_Nonnull y);
void zk_decode_f16(int64_t n, const uint16_t *_Nonnull x, float *_Nonnull y);

/// One pointer for each thread: what the tensor library runs under (its threads, its memory). Null at first.
/// Swift has no thread-local storage of its own without Foundation; the kernels never look at it.
void *_Nullable zk_current_execution(void);
void zk_set_current_execution(void *_Nullable execution);

/// Name of the processor that OpenBLAS tuned itself for, and of the vector width the kernels use
/// ("avx512", "avx2", "baseline"). Static strings.
const char *_Nonnull zk_blas_core(void);
const char *_Nonnull zk_vector_level(void);

#endif
