// A row times a matrix, for decoding.
#define TOPIC "topics/row_product.h"
#include "levels.h"

EXPORT(row_product)
