// State-space duality: the recurrence of Mamba-2 in matrix products.
#define TOPIC "topics/ssd.h"
#include "levels.h"

EXPORT(ssd_workspace)
EXPORT(ssd)
EXPORT(ssd_recurrence)
EXPORT(ssd_backward_workspace)
EXPORT(ssd_backward)
