/* network_double_v1.c: the arithmetic in double for every processor. */
#define REAL double
#define REAL_BITS 64
#define NETWORK network_double_v1
#define TILE_ROWS 4
#define TILE_VECTORS 1
#include "real/arithmetic.h"
