// What RWKV does to each value or head beside its recurrences.
#define TOPIC "topics/rwkv_elements.h"
#include "levels.h"

EXPORT(sigmoid_gate)
EXPORT(sigmoid_gate_backward)
EXPORT(value_residual)
EXPORT(value_residual_backward)
EXPORT(replacement_key)
EXPORT(replacement_key_backward)
EXPORT(wkv7_readout)
EXPORT(wkv7_readout_backward)
