// Rotary position embedding.
#define TOPIC "topics/rotary.h"
#include "levels.h"

EXPORT(rotary)
