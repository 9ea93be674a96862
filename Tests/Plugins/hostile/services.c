/* services.c: how it treats the services of its host. */
#include <pthread.h>
#include <unistd.h>

#include "honest.h"

static const sm_host *first_host; /* of the first instance; gone with it */

static int32_t faulty_create(uint32_t model, const sm_host *host, const char *json, uint64_t length, sm_instance **instance,
                             sm_error *error) {
#if defined(FAULT_CALLS_IN_CREATE)
    if (host && host->log) host->log(host->context, 1, "made", 4);
#endif
    if (!first_host) first_host = host;
    return create(model, host, json, length, instance, error);
}

static void *log_later(void *argument) {
    const sm_host *host = argument;
    usleep(20000);
    if (host && host->log) host->log(host->context, 1, "late", 4);
    return NULL;
}

static void nothing(void *argument, uint64_t index) { UNUSED(argument), UNUSED(index); }

/* As long as work takes: a thread that ends at once can come and go between two looks of a checker on a busy machine. */
static void *work(void *argument) {
    usleep(20000);
    return argument;
}

static int32_t faulty_score(sm_instance *instance, const sm_batch *batch, uint32_t samples, float *nats, sm_score_result *result,
                            sm_error *error) {
#if defined(FAULT_NEEDS_HOST)
    instance->host->log(instance->host->context, 0, "scoring", 7);
#elif defined(FAULT_NEEDS_SLOTS)
    if (instance->host) instance->host->parallel_for(instance->host->context, 1, nothing, NULL);
#elif defined(FAULT_LATE)
    pthread_t thread;
    if (instance->host && pthread_create(&thread, NULL, log_later, (void *)instance->host) == 0) pthread_detach(thread);
#elif defined(FAULT_OLD_HOST)
    /* Asks the host of the first instance, whoever it is working for. */
    if (first_host && first_host->should_cancel) first_host->should_cancel(first_host->context);
#elif defined(FAULT_OWN_THREADS)
    pthread_t threads[8];
    for (int i = 0; i < 8; i++)
        if (pthread_create(&threads[i], NULL, work, NULL) != 0) return fail(error, SM_INTERNAL, "no thread");
    for (int i = 0; i < 8; i++) pthread_join(threads[i], NULL);
#elif defined(FAULT_THREADS_MATTER)
    /* The host's threads decide what comes out. */
    int32_t status = score(instance, batch, samples, nats, result, error);
    if (status == SM_OK && instance->host && instance->host->max_concurrency > 1) nats[0] += 1e-3f;
    return status;
#endif
    UNUSED(log_later), UNUSED(nothing), UNUSED(work);
    return score(instance, batch, samples, nats, result, error);
}

static void arm(void) {
#if !defined(FAULT_NONE)
    table.create = faulty_create;
    scores.score = faulty_score;
#endif
    UNUSED(faulty_create), UNUSED(faulty_score);
}
