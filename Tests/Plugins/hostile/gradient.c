/* gradient.c: faults of loss_and_gradient. */
#include <time.h>

#include "honest.h"

__attribute__((unused)) static size_t size_of(const sm_instance *instance, int index) {
    return (size_t)instance->shapes[index][0] * (index == BIAS ? 1 : (size_t)instance->shapes[index][1]);
}

/* Adds the honest gradient to `target`: [0] of each tensor is where its gradient begins. */
__attribute__((unused)) static int32_t honest_into(sm_instance *instance, const sm_batch *batch, double *value, float *target[PARAMETERS],
                                                   sm_error *error) {
    float *own[PARAMETERS];
    memcpy(own, instance->gradients, sizeof own);
    memcpy(instance->gradients, target, sizeof own);
    int32_t status = loss_and_gradient(instance, batch, value, error);
    memcpy(instance->gradients, own, sizeof own);
    return status;
}

/* What becomes of gradient g, given what the call alone would have added to it. */
#if defined(FAULT_SCALED)
#define COMBINE(g, added) ((g) + 1.1f * (added))
#elif defined(FAULT_OVERWRITTEN)
#define COMBINE(g, added) (added)
#elif defined(FAULT_REVERSED)
#define COMBINE(g, added) ((g) - (added))
#elif defined(FAULT_TERM_MISSING)
#define COMBINE(g, added) ((g) + (index == EMBEDDING && i % instance->width == 0 ? 0 : (added)))
#elif defined(FAULT_TENSOR_MISSING)
#define COMBINE(g, added) ((g) + (index == BIAS ? 0 : (added)))
#endif

static int32_t faulty(sm_instance *instance, const sm_batch *batch, double *value, sm_error *error) {
#if defined(COMBINE)
    float *added[PARAMETERS];
    for (int index = 0; index < PARAMETERS; index++) added[index] = calloc(size_of(instance, index), sizeof(float));
    int32_t status = instance->has_gradients ? honest_into(instance, batch, value, added, error)
                                             : loss_and_gradient(instance, batch, value, error);
    for (int index = 0; index < PARAMETERS; index++) {
        for (size_t i = 0; status == SM_OK && i < size_of(instance, index); i++) {
            float *g = &instance->gradients[index][i];
            *g = COMBINE(*g, added[index][i]);
        }
        free(added[index]);
    }
    return status;
#else
    static int calls;
    calls++;
    UNUSED(calls);
    int32_t status = loss_and_gradient(instance, batch, value, error);
#if defined(FAULT_UNUSABLE_AFTER_CANCELLATION)
    if (status == SM_CANCELLED) instance->is_bound = 0;
#endif
    if (status != SM_OK) return status;
#if defined(FAULT_PAST_END)
    instance->gradients[OUTPUT][size_of(instance, OUTPUT)] += 1;
#elif defined(FAULT_BEFORE_BEGIN)
    instance->gradients[OUTPUT][-1] += 1;
#elif defined(FAULT_WRITES_PARAMETERS)
    ((float *)instance->parameters[OUTPUT])[0] += 0.001f;
#elif defined(FAULT_NAN_LATE)
    if (calls > 20) instance->gradients[BIAS][0] = NAN;
#elif defined(FAULT_LOSS_NAN_LATE)
    if (calls > 20) *value = NAN;
#elif defined(FAULT_RANDOM)
    instance->gradients[BIAS][0] += 1e-4f * (float)(rand() % 100);
#elif defined(FAULT_DEPENDS_ON_CALLS)
    instance->gradients[BIAS][1] += 1e-3f * (float)calls;
#elif defined(FAULT_NOT_CANCELLED)
    for (clock_t end = clock() + CLOCKS_PER_SEC; clock() < end;) {}
#elif defined(FAULT_LEAKS)
    leak(1 << 18);
#elif defined(FAULT_LOSS_DIFFERS)
    *value *= 1.01;
#endif
    return status;
#endif
}

static void arm(void) { training.loss_and_gradient = faulty; }
