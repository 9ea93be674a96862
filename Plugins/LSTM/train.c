/* train.c: sm.train/1. */
#include "batch.h"
#include "exchange.h"
#include "services.h"
#include "tables.h"

#include <stdlib.h>

static uint64_t target_count(const sm_batch *batch) {
    uint64_t count = 0;
    for (uint64_t i = 0; i < batch->rows * batch->length; i++) count += batch->targets[i] >= 0;
    return count;
}

static int32_t loss(sm_instance *instance, const sm_batch *given, double *loss, sm_error *error) {
    sm_batch batch;
    int32_t status = read_batch(instance, given, 1, &batch, error);
    if (status != SM_OK) return status;
    if (!loss) return fail(error, SM_INVALID_ARGUMENT, "loss is null");
    uint64_t count = batch.rows * batch.length, targets = target_count(&batch);
    double *nats = calloc(count, sizeof *nats);
    if (!nats) return report(SM_RESOURCE_EXHAUSTED, error);
    reading reading = {.instance = instance, .tokens = batch.tokens, .rows = batch.rows, .length = batch.length,
                       .targets = batch.targets, .nats = nats};
    status = targets > 0 ? instance->network->read(&reading) : SM_OK;
    double sum = 0;
    for (uint64_t i = 0; i < count; i++)
        if (batch.targets[i] >= 0) sum += (batch.weights ? (double)batch.weights[i] : 1 / (double)targets) * nats[i];
    free(nats);
    if (status == SM_OK) *loss = sum;
    return report(status, error);
}

static int32_t loss_and_gradient(sm_instance *instance, const sm_batch *given, double *loss, sm_error *error) {
    sm_batch batch;
    int32_t status = read_batch(instance, given, 1, &batch, error);
    if (status != SM_OK) return status;
    if (!loss) return fail(error, SM_INVALID_ARGUMENT, "loss is null");
    if (!instance->has_gradients)
        return fail(error, SM_FAILED_PRECONDITION, "the model was bound without gradients");
    uint64_t targets = target_count(&batch);
    lesson lesson = {.instance = instance, .tokens = batch.tokens, .targets = batch.targets, .weights = batch.weights,
                     .weight = targets > 0 ? 1 / (double)targets : 0, .rows = batch.rows, .length = batch.length};
    status = targets > 0 ? instance->network->learn(&lesson) : SM_OK;
    if (status == SM_OK) *loss = lesson.loss;
    return report(status, error);
}

const sm_train train_table = {sizeof(sm_train), 0, loss, loss_and_gradient, /* post_update */ NULL};
