// Broadcasts over rows, sums, largest values.
#define TOPIC "topics/rows.h"
#include "levels.h"

EXPORT(add_row)
EXPORT(multiply_row)
EXPORT(accumulate_rows)
EXPORT(sum_columns)
EXPORT(max_columns)
EXPORT(sum)
EXPORT(sum_of_squares)
EXPORT(all_finite)
