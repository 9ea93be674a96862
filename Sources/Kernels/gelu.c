// GELU in its exact form (Hendrycks and Gimpel 2016, arXiv:1606.08415).
#define TOPIC "topics/gelu.h"
#include "levels.h"

EXPORT(gelu)
EXPORT(gelu_backward)
