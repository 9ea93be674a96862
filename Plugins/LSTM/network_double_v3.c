/* network_double_v3.c: the arithmetic in double for AVX2 and FMA. */
#if defined(__x86_64__) && defined(__clang__)
#define REAL double
#define REAL_BITS 64
#define NETWORK network_double_v3
#define TILE_ROWS 6
#define TILE_VECTORS 1
#define TARGET target("arch=x86-64-v3")
#include "real/arithmetic.h"
#endif
