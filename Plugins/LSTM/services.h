/* services.h: what the host does for a call: threads and the wish to stop. */
#ifndef SERVICES_H
#define SERVICES_H

#include "instance.h"

/* Runs task(argument, i) for i in 0 ..< count, on the host's threads if it has any. */
void run_parallel(const sm_instance *instance, uint64_t count, void (*task)(void *argument, uint64_t index), void *argument);

/* Not 0 when the call should end with SM_CANCELLED. */
int is_cancelled(const sm_instance *instance);

/* A status of a network as the host shall see it. */
int32_t report(int32_t status, sm_error *error);

#endif
