// Short causal depthwise convolution.
#define TOPIC "topics/convolution.h"
#include "levels.h"

EXPORT(causal_convolution)
EXPORT(causal_convolution_backward)
