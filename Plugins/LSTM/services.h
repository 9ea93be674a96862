/* services.h: what the host does for a call: threads and the wish to stop. */
#ifndef SERVICES_H
#define SERVICES_H

#include "instance.h"

/* Runs task(argument, i) for i in 0 ..< count, on the host's threads if it has any. */
void run_parallel(const sm_instance *instance, uint64_t count, void (*task)(void *argument, uint64_t index), void *argument);

/* A call begins: what the host wanted of the last one is forgotten. */
void begin_call(const sm_instance *instance);

/* Not 0 when the call should end with SM_CANCELLED, and then for the rest of it: a task that stopped in the middle has
 * left its results undefined, whatever the host says later. */
int is_cancelled(const sm_instance *instance);

/* A status of a network as the host shall see it. */
int32_t report(int32_t status, sm_error *error);

#endif
