// Attention of queries that each see one run of keys.
#define TOPIC "topics/range_attention.h"
#include "levels.h"

EXPORT(range_attention)
EXPORT(range_attention_backward)
