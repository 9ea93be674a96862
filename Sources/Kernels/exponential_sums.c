// Filters that are sums of complex exponentials, and the recurrence that they stand for.
#define TOPIC "topics/exponential_sums.h"
#include "levels.h"

EXPORT(exponential_sums_workspace)
EXPORT(exponential_sums)
EXPORT(exponential_sums_backward)
EXPORT(exponential_recurrence)
