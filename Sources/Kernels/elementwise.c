// Elementwise arithmetic.
#define TOPIC "topics/elementwise.h"
#include "levels.h"

EXPORT(fill)
EXPORT(add)
EXPORT(subtract)
EXPORT(multiply)
EXPORT(divide)
EXPORT(scale)
EXPORT(add_scalar)
EXPORT(accumulate)
EXPORT(accumulate_product)
