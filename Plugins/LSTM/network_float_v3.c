/* network_float_v3.c: the arithmetic in float for AVX2 and FMA. */
#if defined(__x86_64__) && defined(__clang__)
#define REAL float
#define REAL_BITS 32
#define NETWORK network_float_v3
#define TILE_ROWS 6
#define TILE_VECTORS 1
#define TARGET target("arch=x86-64-v3")
#include "real/arithmetic.h"
#endif
