// The selective scan, forward.
#define TOPIC "topics/scan.h"
#include "levels.h"

EXPORT(scan_chunk)
EXPORT(selective_scan)
EXPORT(selective_scan_signed)
