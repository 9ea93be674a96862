// Root-mean-square norm and layer norm.
#define TOPIC "topics/norms.h"
#include "levels.h"

EXPORT(rms_norm)
EXPORT(rms_norm_backward)
EXPORT(layer_norm)
EXPORT(layer_norm_backward)
