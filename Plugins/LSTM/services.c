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

/* The one thing that changes in an instance during a call; instances are always made by create_instance. */
static atomic_int *stop_flag(const sm_instance *instance) { return &((sm_instance *)instance)->is_stopped; }

void begin_call(const sm_instance *instance) { atomic_store(stop_flag(instance), 0); }

int is_cancelled(const sm_instance *instance) {
    const sm_host *host = &instance->host;
    if (atomic_load_explicit(stop_flag(instance), memory_order_relaxed)) return 1;
    if (!host->should_cancel || host->should_cancel(host->context) == 0) return 0;
    atomic_store_explicit(stop_flag(instance), 1, memory_order_relaxed);
    return 1;
}

int32_t report(int32_t status, sm_error *error) {
    if (status == SM_CANCELLED) return fail(error, status, "the host asked to stop");
    if (status == SM_RESOURCE_EXHAUSTED) return fail(error, status, "no memory for the activations");
    return status;
}
