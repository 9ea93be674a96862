// Networks that learn while they read, forward.
#define TOPIC "topics/fast_weights.h"
#include "levels.h"

EXPORT(fast_weights_workspace)
EXPORT(fast_weights)
