// The SwiGLU product.
#define TOPIC "topics/swiglu.h"
#include "levels.h"

EXPORT(swiglu)
EXPORT(swiglu_backward)
