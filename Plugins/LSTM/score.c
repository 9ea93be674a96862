/* score.c: sm.score/1. */
#include "batch.h"
#include "exchange.h"
#include "services.h"
#include "tables.h"

#include <stdlib.h>

static reading reading_of(const sm_instance *instance, const sm_batch *batch) {
    return (reading){.instance = instance, .tokens = batch->tokens, .rows = batch->rows, .length = batch->length,
                     .targets = batch->targets};
}

static int32_t score(sm_instance *instance, const sm_batch *given, uint32_t samples, float *nats, sm_score_result *result,
                     sm_error *error) {
    (void)samples;
    sm_batch batch;
    int32_t status = read_batch(instance, given, 1, &batch, error);
    if (status != SM_OK) return status;
    if (!nats) return fail(error, SM_INVALID_ARGUMENT, "nats is null");
    uint64_t count = batch.rows * batch.length;
    double *exact = calloc(count, sizeof *exact);
    if (!exact) return report(SM_RESOURCE_EXHAUSTED, error);
    reading reading = reading_of(instance, &batch);
    reading.nats = exact;
    status = instance->network->read(&reading);
    for (uint64_t i = 0; i < count && status == SM_OK; i++) nats[i] = (float)exact[i];
    free(exact);
    if (status != SM_OK || !result) return report(status, error);
    sm_score_result one = {.samples = 1};
    return hand_over(result, &one, sizeof one, "result", error);
}

static int32_t logits(sm_instance *instance, const sm_batch *given, float *logits, sm_error *error) {
    sm_batch batch;
    int32_t status = read_batch(instance, given, 0, &batch, error);
    if (status != SM_OK) return status;
    if (!logits) return fail(error, SM_INVALID_ARGUMENT, "logits is null");
    reading reading = reading_of(instance, &batch);
    reading.logits = logits;
    return report(instance->network->read(&reading), error);
}

static int32_t predict(sm_instance *instance, const sm_batch *given, int32_t *symbols, float *log_probability,
                       sm_error *error) {
    sm_batch batch;
    int32_t status = read_batch(instance, given, 1, &batch, error);
    if (status != SM_OK) return status;
    if (!symbols) return fail(error, SM_INVALID_ARGUMENT, "symbols is null");
    for (uint64_t i = 0; i < batch.rows * batch.length; i++) {
        symbols[i] = -1;
        if (log_probability) log_probability[i] = 0;
    }
    reading reading = reading_of(instance, &batch);
    reading.symbols = symbols;
    reading.log_probability = log_probability;
    return report(instance->network->read(&reading), error);
}

const sm_score score_table = {sizeof(sm_score), 0, score, logits, predict};
