/* loss.c: what loss and loss_and_gradient make of weights and targets. Both have the fault: they agree with each other. */
#include "honest.h"

typedef int32_t training_call(sm_instance *, const sm_batch *, double *, sm_error *);

static int32_t altered(training_call *call, sm_instance *instance, const sm_batch *given, double *value, sm_error *error) {
    if (!given || !given->targets || given->struct_size != sizeof *given) return call(instance, given, value, error);
    sm_batch batch = *given;
    size_t count = (size_t)batch.rows * batch.length;
    int32_t *targets = malloc(count * sizeof *targets);
    float *weights = malloc(count * sizeof *weights);
    memcpy(targets, given->targets, count * sizeof *targets);
    if (given->weights) memcpy(weights, given->weights, count * sizeof *weights);
    for (size_t i = 0; i < count; i++) {
#if defined(FAULT_NEGATIVE_IGNORED)
        if (given->weights && weights[i] < 0) weights[i] = 0;
#elif defined(FAULT_MAGNITUDE)
        if (given->weights) weights[i] = fabsf(weights[i]);
#elif defined(FAULT_WEIGHTS_IGNORED)
        weights[i] = 1 / (float)count;
#elif defined(FAULT_IGNORED_CONTRIBUTE)
        if (targets[i] == -1) targets[i] = 0;
#endif
    }
    batch.targets = targets;
#if defined(FAULT_WEIGHTS_IGNORED)
    batch.weights = weights;
#else
    if (given->weights) batch.weights = weights;
#endif
    int32_t status = call(instance, &batch, value, error);
    free(targets);
    free(weights);
    return status;
}

static int32_t altered_loss(sm_instance *instance, const sm_batch *batch, double *value, sm_error *error) {
    return altered(loss, instance, batch, value, error);
}

static int32_t altered_gradient(sm_instance *instance, const sm_batch *batch, double *value, sm_error *error) {
    return altered(loss_and_gradient, instance, batch, value, error);
}

static void arm(void) {
    training.loss = altered_loss;
    training.loss_and_gradient = altered_gradient;
}
