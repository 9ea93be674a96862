/* network_float_v1.c: the arithmetic in float for every processor. */
#define REAL float
#define REAL_BITS 32
#define NETWORK network_float_v1
#define TILE_ROWS 4
#define TILE_VECTORS 1
#include "real/arithmetic.h"
