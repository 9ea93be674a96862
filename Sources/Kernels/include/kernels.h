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
#include "kernels_state_space.h"
#undef REAL
#undef NAME

#define REAL double
#define NAME(name) zk_##name##_f64
#include "kernels_declarations.h"
#include "kernels_state_space.h"
#undef REAL
#undef NAME

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
