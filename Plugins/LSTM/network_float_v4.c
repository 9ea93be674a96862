/* network_float_v4.c: the arithmetic in float for AVX-512. */
#if defined(__x86_64__) && defined(__clang__)
#define REAL float
#define REAL_BITS 32
#define NETWORK network_float_v4
#define TILE_ROWS 6
#define TILE_VECTORS 2
#define TARGET target("arch=x86-64-v4"), min_vector_width(512)
#include "real/arithmetic.h"
#endif
