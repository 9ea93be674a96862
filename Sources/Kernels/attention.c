// Attention, forward.
#define TOPIC "topics/attention.h"
#include "levels.h"

EXPORT(attention_workspace)
EXPORT(attention)
