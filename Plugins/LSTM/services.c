/* services.c: host services, absent ones included. */
#include "services.h"

#include "exchange.h"

void run_parallel(const sm_instance *instance, uint64_t count, void (*task)(void *argument, uint64_t index), void *argument) {
    const sm_host *host = &instance->host;
    if (count > 1 && host->parallel_for && host->max_concurrency > 1)
        host->parallel_for(host->context, count, task, argument);
    else
        for (uint64_t i = 0; i < count; i++) task(argument, i);
}

int is_cancelled(const sm_instance *instance) {
    const sm_host *host = &instance->host;
    return host->should_cancel && host->should_cancel(host->context) != 0;
}

int32_t report(int32_t status, sm_error *error) {
    if (status == SM_CANCELLED) return fail(error, status, "the host asked to stop");
    if (status == SM_RESOURCE_EXHAUSTED) return fail(error, status, "no memory for the activations");
    return status;
}
