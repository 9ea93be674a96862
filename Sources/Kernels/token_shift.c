// Each token mixed with the one before it.
#define TOPIC "topics/token_shift.h"
#include "levels.h"

EXPORT(token_shift)
EXPORT(token_shift_backward)
