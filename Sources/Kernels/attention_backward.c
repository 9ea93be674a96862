// Attention, the way back.
#define TOPIC "topics/attention_backward.h"
#include "levels.h"

EXPORT(attention_backward_workspace)
EXPORT(attention_backward)
