// The AdamW step.
#define TOPIC "topics/adamw.h"
#include "levels.h"

EXPORT(adamw)
