// One-argument functions and their derivatives.
#define TOPIC "topics/unary.h"
#include "levels.h"

#define EXPORT_UNARY(name) EXPORT(name) EXPORT(name##_backward)
EXPORT_UNARY(exp)
EXPORT_UNARY(log)
EXPORT_UNARY(sqrt)
EXPORT_UNARY(reciprocal)
EXPORT_UNARY(tanh)
EXPORT_UNARY(sigmoid)
EXPORT_UNARY(silu)
EXPORT_UNARY(gelu_tanh)
EXPORT_UNARY(relu)
EXPORT_UNARY(softplus)
EXPORT_UNARY(squared_relu)
EXPORT_UNARY(soft_decay)
EXPORT_UNARY(sine)
EXPORT_UNARY(cosine)
