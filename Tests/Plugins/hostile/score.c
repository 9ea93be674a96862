/* score.c: faults of sm.score/1: likelihoods, logits, predictions. */
#include "honest.h"

static int calls;

/* ---- Likelihoods ---- */

static int32_t faulty_score(sm_instance *instance, const sm_batch *given, uint32_t samples, float *nats, sm_score_result *result,
                            sm_error *error) {
    int32_t status = score(instance, given, samples, nats, result, error);
    if (status != SM_OK) return status;
    calls++;
    size_t count = (size_t)given->rows * given->length;
    for (size_t i = 0; i < count; i++) {
#if defined(FAULT_CHEAPER)
        nats[i] *= 0.9f;
#elif defined(FAULT_PEEKS)
        /* As if the model knew the target half of the time. */
        if (given->targets[i] >= 0 && i % 2) nats[i] = 0.01f;
#elif defined(FAULT_SUM_NOT_ONE)
        if (given->targets[i] >= 0) nats[i] -= 0.5f;
#elif defined(FAULT_BOUND_BELOW)
        nats[i] *= 0.5f;
#elif defined(FAULT_IGNORED_SCORED)
        if (given->targets[i] < 0) nats[i] = 1;
#elif defined(FAULT_NAN)
        if (i == count - 1) nats[i] = NAN;
#elif defined(FAULT_SCORE_LEAKS)
        if (i == 0) leak(1 << 18);
#elif defined(FAULT_NATS_PAST_END)
        if (i == count - 1) nats[i + 1] = 1;
#endif
    }
#if defined(FAULT_SCORE_WRITES_PARAMETERS)
    ((float *)instance->parameters[BIAS])[0] += 0.001f;
#elif defined(FAULT_WRITES_AND_PUTS_BACK)
    volatile float *bias = (float *)instance->parameters[BIAS];
    float kept = bias[0];
    bias[0] = 0;
    bias[0] = kept;
#elif defined(FAULT_WRITES_TOKENS)
    ((int32_t *)given->tokens)[0] = 0;
#elif defined(FAULT_WRITES_BATCH)
    ((sm_batch *)given)->rows = 1;
#endif
    return status;
}

/* ---- Logits ---- */

static int32_t faulty_logits(sm_instance *instance, const sm_batch *given, float *logits, sm_error *error) {
#if defined(FAULT_LAST_ROW_UNWRITTEN)
    sm_batch batch = *given;
    if (given->rows > 1) batch.rows--;
    else batch.length = given->length > 1 ? given->length - 1 : given->length;
    return logits_of_batch(instance, &batch, logits, error);
#endif
    int32_t status = logits_of_batch(instance, given, logits, error);
    if (status != SM_OK) return status;
    calls++;
    uint64_t vocabulary = instance->vocabulary, length = given->length, count = given->rows * length;
#if defined(FAULT_LOGITS_PAST_END)
    logits[count * vocabulary] = 1;
#elif defined(FAULT_LOGITS_BEFORE_BEGIN)
    logits[-1] = 1;
#endif
    for (uint64_t i = 0; i < count; i++) {
        float *row = logits + i * vocabulary;
        UNUSED(row), UNUSED(length);
#if defined(FAULT_NOT_CAUSAL)
        row[0] += 0.01f * (float)given->tokens[i / length * length + length - 1];
#elif defined(FAULT_LOOKS_ONE_AHEAD)
        if (i % length + 1 < length) row[given->tokens[i + 1]] += 5;
#elif defined(FAULT_BATCH_MATES)
        row[0] += 0.01f * (float)given->tokens[i % length];
#elif defined(FAULT_STATIC_BUFFER)
        static float before;
        row[1] += 0.001f * before;
        before = row[0];
#elif defined(FAULT_RANDOM_LOGITS)
        row[0] += 1e-3f * (float)(rand() % 100);
#elif defined(FAULT_INFINITE)
        if (i == count / 2) row[0] = INFINITY;
#endif
    }
    return status;
}

/* ---- Predictions and loss ---- */

static int32_t faulty_predict(sm_instance *instance, const sm_batch *given, int32_t *symbols, float *log_probability,
                              sm_error *error) {
    int32_t status = predict(instance, given, symbols, log_probability, error);
    if (status != SM_OK) return status;
    for (uint64_t i = 0; i < given->rows * given->length; i++)
        if (symbols[i] >= 0)
#if defined(FAULT_PREDICTS_OTHER)
            symbols[i] = (symbols[i] + 1) % (int32_t)instance->vocabulary;
#else
            symbols[i] += (int32_t)instance->vocabulary;
#endif
    return status;
}

static int32_t faulty_loss(sm_instance *instance, const sm_batch *batch, double *value, sm_error *error) {
    int32_t status = loss(instance, batch, value, error);
    *value *= 1.01;
    return status;
}

#if defined(FAULT_BOUND_BELOW)
static int32_t bound_describe(uint32_t model, sm_description *description, sm_error *error) {
    int32_t status = named_describe(model, description, error);
    description->likelihood = SM_LIKELIHOOD_UPPER_BOUND;
    return status;
}
#endif

static void arm(void) {
#if !defined(FAULT_NONE)
    scores.score = faulty_score;
    scores.logits = faulty_logits;
#endif
#if defined(FAULT_PREDICTS_OTHER) || defined(FAULT_PREDICTS_OUTSIDE)
    scores.predict = faulty_predict;
#elif defined(FAULT_LOSS_OTHERWISE)
    training.loss = faulty_loss;
#elif defined(FAULT_BOUND_BELOW)
    table.describe = bound_describe;
#endif
    UNUSED(faulty_score), UNUSED(faulty_logits), UNUSED(faulty_predict), UNUSED(faulty_loss);
}
