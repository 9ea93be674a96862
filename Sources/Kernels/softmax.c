// Softmax, log-sum-exp and cross-entropy of rows.
#define TOPIC "topics/softmax.h"
#include "levels.h"

EXPORT(softmax)
EXPORT(softmax_backward)
EXPORT(log_sum_exp)
EXPORT(cross_entropy)
EXPORT(cross_entropy_gradient)
