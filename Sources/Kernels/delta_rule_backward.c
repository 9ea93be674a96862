// The gated delta rule, the way back.
#define TOPIC "topics/delta_rule_backward.h"
#include "levels.h"

EXPORT(delta_rule_backward_workspace)
EXPORT(delta_rule_backward)
