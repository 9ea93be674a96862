// The selective scan, the way back.
#define TOPIC "topics/scan_backward.h"
#include "levels.h"

EXPORT(selective_scan_workspace)
EXPORT(selective_scan_backward)
EXPORT(selective_scan_signed_backward)
