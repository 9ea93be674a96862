/* instances.c: instances that are not independent, or not cleaned up. */
#include "honest.h"

static const float *last_bound[PARAMETERS];

static int32_t sharing_bind(sm_instance *instance, const sm_tensor *parameters, const sm_tensor *gradients, uint64_t count,
                            sm_error *error) {
    int32_t status = bind(instance, parameters, gradients, count, error);
    if (status == SM_OK) memcpy(last_bound, instance->parameters, sizeof last_bound);
    return status;
}

/* Looks at the parameters that were bound last, whoever they were bound to. */
static int32_t sharing_logits(sm_instance *instance, const sm_batch *batch, float *logits, sm_error *error) {
    sm_instance other = *instance;
    memcpy(other.parameters, last_bound, sizeof last_bound);
    return logits_of_batch(instance->is_bound ? &other : instance, batch, logits, error);
}

static int32_t sharing_score(sm_instance *instance, const sm_batch *batch, uint32_t samples, float *nats, sm_score_result *result,
                             sm_error *error) {
    sm_instance other = *instance;
    memcpy(other.parameters, last_bound, sizeof last_bound);
    return score(instance->is_bound ? &other : instance, batch, samples, nats, result, error);
}

/* Keeps 64 KiB for each instance that ever was. */
static int32_t leaking_create(uint32_t model, const sm_host *host, const char *json, uint64_t length, sm_instance **instance,
                              sm_error *error) {
    leak(1 << 16);
    return create(model, host, json, length, instance, error);
}

/* Frees the parameters, which are the host's. */
static void freeing_destroy(sm_instance *instance) {
    if (instance && instance->is_bound) free((void *)instance->parameters[EMBEDDING]);
    destroy(instance);
}

static void twice_destroy(sm_instance *instance) {
    destroy(instance);
    if (instance) destroy(instance);
}

static void arm(void) {
#if defined(FAULT_SHARED)
    table.bind = sharing_bind;
    scores.logits = sharing_logits;
    scores.score = sharing_score;
#elif defined(FAULT_LEAKS)
    table.create = leaking_create;
#elif defined(FAULT_FREES_PARAMETERS)
    table.destroy = freeing_destroy;
#elif defined(FAULT_FREES_TWICE)
    table.destroy = twice_destroy;
#endif
    UNUSED(sharing_bind), UNUSED(sharing_logits), UNUSED(sharing_score), UNUSED(leaking_create), UNUSED(freeing_destroy),
        UNUSED(twice_destroy);
}
