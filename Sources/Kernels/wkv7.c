// The generalised delta rule of RWKV-7.
#define TOPIC "topics/wkv7.h"
#include "levels.h"

EXPORT(wkv7_chunk)
EXPORT(wkv7_workspace)
EXPORT(wkv7)
EXPORT(wkv7_backward_workspace)
EXPORT(wkv7_backward)
