/*
 * arithmetic.h: all arithmetic of this library, for one real type and one processor level.
 *
 * A source file defines REAL, REAL_BITS, NETWORK, TILE_ROWS, TILE_VECTORS (how large a tile of a product fits the
 * registers) and, beyond what every processor has, TARGET; and includes this. Everything but NETWORK is static there.
 * Each piece of work has a size that does not depend on the number of threads, and sums have a fixed order:
 * so results have the same bits on any number of threads.
 */
#include "../services.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#ifdef __clang__
/* Vectors wider than the registers pass between functions that are always inlined: no call interface is involved. */
#pragma clang diagnostic ignored "-Wpsabi"
#endif
#ifdef TARGET
#pragma clang attribute push(__attribute__((TARGET)), apply_to = function)
#endif

#include "vector.h"
#include "memory.h"
#include "product.h"
#include "linear.h"
#include "lstm_cell.h"
#include "gru_cell.h"
#include "layer.h"
#include "layer_backward.h"
#include "head.h"
#include "read.h"
#include "learn.h"

#ifdef TARGET
#pragma clang attribute pop
#endif

const network NETWORK = {read_rows, learn_rows};
