// Networks that learn while they read, the way back.
#define TOPIC "topics/fast_weights_backward.h"
#include "levels.h"

EXPORT(fast_weights_backward_workspace)
EXPORT(fast_weights_backward)
