// Rows picked out of a table, and their gradients put back.
#define TOPIC "topics/indexing.h"
#include "levels.h"

EXPORT(gather_rows)
EXPORT(scatter_rows)
