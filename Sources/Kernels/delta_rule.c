// The gated delta rule, forward.
#define TOPIC "topics/delta_rule.h"
#include "levels.h"

EXPORT(delta_rule_chunk)
EXPORT(delta_rule_workspace)
EXPORT(delta_rule)
