// The weighted average of RWKV-4.
#define TOPIC "topics/wkv4.h"
#include "levels.h"

EXPORT(wkv4_chunk)
EXPORT(wkv4)
EXPORT(wkv4_backward)
