/*
 * bigram_model.h: the model of bigram.c: its parameters, which the host allocates and binds, and what sm.train/1 and sm.score/1 compute.
 */
#ifndef BIGRAM_MODEL_H
#define BIGRAM_MODEL_H

#include "bigram_configuration.h"

#include <stddef.h>
#include <stdlib.h>

enum { EMBEDDING, OUTPUT, BIAS, PARAMETERS };

struct sm_instance {
    const sm_host *host; /* `services`, or null */
    sm_host services;    /* what of the host's table the host knew */
    uint32_t vocabulary; /* V */
    uint32_t width;      /* R */
    int64_t shapes[PARAMETERS][2];
    const float *parameters[PARAMETERS];
    float *gradients[PARAMETERS];
    int is_bound;
    int has_gradients;
};

static int32_t create(uint32_t model, const sm_host *host, const char *json, uint64_t length, sm_instance **instance,
                      sm_error *error) {
    configuration c;
    if (model != 0) return fail(error, SM_NOT_FOUND, "there is no model %u", model);
    int32_t status = parse(json, length, &c, error);
    if (status != SM_OK) return status;
    sm_instance *made = calloc(1, sizeof *made);
    if (!made) return fail(error, SM_RESOURCE_EXHAUSTED, "no memory for an instance");
    status = host ? take_over(&made->services, sizeof made->services, host, "host", error) : SM_OK;
    if (status != SM_OK) {
        free(made);
        return status;
    }
    made->host = host ? &made->services : NULL;
    made->vocabulary = c.vocabulary;
    made->width = c.width;
    int64_t shapes[PARAMETERS][2] = {{c.vocabulary, c.width}, {c.width, c.vocabulary}, {c.vocabulary, 0}};
    memcpy(made->shapes, shapes, sizeof shapes);
    *instance = made;
    return SM_OK;
}

static void destroy(sm_instance *instance) { free(instance); }

static int32_t shape(sm_instance *instance, sm_shape *shape, sm_error *error) {
    sm_shape own = {.vocabulary = instance->vocabulary, .alphabet = instance->vocabulary, .mask_symbol = -1};
    return hand_over(shape, &own, sizeof own, "shape", error);
}

static uint64_t parameter_count(sm_instance *instance) {
    (void)instance;
    return PARAMETERS;
}

static int32_t parameter(sm_instance *instance, uint64_t index, sm_parameter *parameter, sm_error *error) {
    static const char *const names[PARAMETERS] = {"embedding.weight", "output.weight", "output.bias"};
    if (index >= PARAMETERS) return fail(error, SM_NOT_FOUND, "there is no parameter %llu", (unsigned long long)index);
    sm_parameter own = {
        .flags = index == BIAS ? SM_PARAMETER_NO_WEIGHT_DECAY : 0,
        .name = names[index],
        .shape = instance->shapes[index],
        .rank = index == BIAS ? 1 : 2,
        .initialiser = index == BIAS ? SM_INITIALISE_CONSTANT : SM_INITIALISE_NORMAL,
        .b = index == EMBEDDING ? 1 : index == OUTPUT ? 1 / sqrt(instance->width) : 0};
    return hand_over(parameter, &own, sizeof own, "parameter", error);
}

static int fits(const sm_instance *instance, const sm_tensor *tensor, int index) {
    int rank = index == BIAS ? 1 : 2;
    if (tensor->rank != rank || tensor->scalar_type != SM_FLOAT32 || !tensor->data) return 0;
    for (int i = 0; i < rank; i++)
        if (tensor->shape[i] != instance->shapes[index][i]) return 0;
    return 1;
}

static int32_t bind(sm_instance *instance, const sm_tensor *parameters, const sm_tensor *gradients, uint64_t count,
                    sm_error *error) {
    if (count != PARAMETERS)
        return fail(error, SM_INVALID_ARGUMENT, "%llu tensors; %d are needed", (unsigned long long)count, PARAMETERS);
    for (int i = 0; i < PARAMETERS; i++)
        if (!fits(instance, &parameters[i], i) || (gradients && !fits(instance, &gradients[i], i)))
            return fail(error, SM_INVALID_ARGUMENT, "parameter %d is not float32 of the declared shape", i);
    for (int i = 0; i < PARAMETERS; i++) {
        instance->parameters[i] = parameters[i].data;
        instance->gradients[i] = gradients ? gradients[i].data : NULL;
    }
    instance->is_bound = 1;
    instance->has_gradients = gradients != NULL;
    return SM_OK;
}

static void parameters_changed(sm_instance *instance) { (void)instance; }

/* logits[V] after symbol x. */
static void logits_after(const sm_instance *instance, int32_t x, float *logits) {
    uint32_t vocabulary = instance->vocabulary, width = instance->width;
    const float *embedding = instance->parameters[EMBEDDING] + (size_t)x * width;
    memcpy(logits, instance->parameters[BIAS], vocabulary * sizeof *logits);
    for (uint32_t r = 0; r < width; r++) {
        const float *output = instance->parameters[OUTPUT] + (size_t)r * vocabulary;
        for (uint32_t v = 0; v < vocabulary; v++) logits[v] += embedding[r] * output[v];
    }
}

/* ln of the sum of exp over logits[V]. */
static double log_sum(const float *logits, uint32_t vocabulary) {
    double largest = logits[0], sum = 0;
    for (uint32_t v = 1; v < vocabulary; v++)
        if (logits[v] > largest) largest = logits[v];
    for (uint32_t v = 0; v < vocabulary; v++) sum += exp(logits[v] - largest);
    return largest + log(sum);
}

/* Copies the batch as far as its caller knew it, and checks all of it. */
static int32_t read_batch(const sm_instance *instance, const sm_batch *given, int needs_targets, sm_batch *batch,
                          sm_error *error) {
    if (!instance->is_bound) return fail(error, SM_FAILED_PRECONDITION, "the model has no parameters yet: bind comes first");
    int32_t status = take_over(batch, sizeof *batch, given, "batch", error);
    if (status != SM_OK) return status;
    if (batch->rows == 0 || batch->length == 0)
        return fail(error, SM_INVALID_ARGUMENT, "batch is %u x %llu; both must be at least 1", batch->rows,
                    (unsigned long long)batch->length);
    if (!batch->tokens || (needs_targets && !batch->targets))
        return fail(error, SM_INVALID_ARGUMENT, "batch has no %s", batch->tokens ? "targets" : "tokens");
    int64_t limit = instance->vocabulary;
    for (uint64_t i = 0; i < batch->rows * batch->length; i++) {
        unsigned long long row = i / batch->length, position = i % batch->length;
        if (batch->tokens[i] < 0 || batch->tokens[i] >= limit)
            return fail(error, SM_INVALID_ARGUMENT, "token %d at row %llu, position %llu; allowed: 0 to %lld", batch->tokens[i],
                        row, position, (long long)limit - 1);
        if (batch->targets && (batch->targets[i] < -1 || batch->targets[i] >= limit))
            return fail(error, SM_INVALID_ARGUMENT, "target %d at row %llu, position %llu; allowed: -1 to %lld",
                        batch->targets[i], row, position, (long long)limit - 1);
    }
    return SM_OK;
}

static int is_cancelled(const sm_instance *instance) {
    const sm_host *host = instance->host;
    return host && host->should_cancel && host->should_cancel(host->context);
}

/* Adds the derivative of scale x nats at symbol x with logits [V]; probabilities overwrite the logits. */
static void add_gradient(sm_instance *instance, int32_t x, int32_t target, double scale, float *logits, double normaliser) {
    uint32_t vocabulary = instance->vocabulary, width = instance->width;
    const float *embedding = instance->parameters[EMBEDDING] + (size_t)x * width;
    float *embedding_gradient = instance->gradients[EMBEDDING] + (size_t)x * width;
    for (uint32_t v = 0; v < vocabulary; v++) {
        logits[v] = (float)(scale * (exp(logits[v] - normaliser) - (v == (uint32_t)target)));
        instance->gradients[BIAS][v] += logits[v];
    }
    for (uint32_t r = 0; r < width; r++) {
        const float *output = instance->parameters[OUTPUT] + (size_t)r * vocabulary;
        float *output_gradient = instance->gradients[OUTPUT] + (size_t)r * vocabulary;
        double sum = 0;
        for (uint32_t v = 0; v < vocabulary; v++) {
            sum += (double)output[v] * logits[v];
            output_gradient[v] += embedding[r] * logits[v];
        }
        embedding_gradient[r] += (float)sum;
    }
}

static int32_t run(sm_instance *instance, const sm_batch *given, int with_gradient, double *loss, sm_error *error) {
    sm_batch batch;
    int32_t status = read_batch(instance, given, 1, &batch, error);
    if (status != SM_OK) return status;
    if (with_gradient && !instance->has_gradients)
        return fail(error, SM_FAILED_PRECONDITION, "the model was bound without gradients");
    uint64_t count = batch.rows * batch.length, targets = 0;
    for (uint64_t i = 0; i < count; i++) targets += batch.targets[i] >= 0;
    float *logits = malloc(instance->vocabulary * sizeof *logits);
    if (!logits) return fail(error, SM_RESOURCE_EXHAUSTED, "no memory for logits");
    *loss = 0;
    for (uint64_t i = 0; i < count; i++) {
        if (i % 64 == 0 && is_cancelled(instance)) {
            free(logits);
            return fail(error, SM_CANCELLED, "the host asked to stop");
        }
        if (batch.targets[i] < 0) continue;
        double weight = batch.weights ? batch.weights[i] : 1.0 / (double)targets;
        logits_after(instance, batch.tokens[i], logits);
        double normaliser = log_sum(logits, instance->vocabulary);
        *loss += weight * (normaliser - logits[batch.targets[i]]);
        if (with_gradient) add_gradient(instance, batch.tokens[i], batch.targets[i], weight, logits, normaliser);
    }
    free(logits);
    return SM_OK;
}

static int32_t loss(sm_instance *instance, const sm_batch *batch, double *loss, sm_error *error) {
    return run(instance, batch, 0, loss, error);
}

static int32_t loss_and_gradient(sm_instance *instance, const sm_batch *batch, double *loss, sm_error *error) {
    return run(instance, batch, 1, loss, error);
}

static const sm_train train_table = {sizeof(sm_train), 0, loss, loss_and_gradient, NULL};

typedef struct scoring {
    const sm_instance *instance;
    const sm_batch *batch;
    float *nats;    /* [B, T] */
    float *scratch; /* [B, V] */
} scoring;

static void score_row(void *argument, uint64_t row) {
    const scoring *s = argument;
    float *logits = s->scratch + row * s->instance->vocabulary;
    for (uint64_t i = row * s->batch->length; i < (row + 1) * s->batch->length; i++) {
        int32_t target = s->batch->targets[i];
        s->nats[i] = 0;
        if (target < 0) continue;
        logits_after(s->instance, s->batch->tokens[i], logits);
        s->nats[i] = (float)(log_sum(logits, s->instance->vocabulary) - logits[target]);
    }
}

static int32_t score(sm_instance *instance, const sm_batch *given, uint32_t samples, float *nats, sm_score_result *result,
                     sm_error *error) {
    (void)samples;
    sm_batch batch;
    int32_t status = read_batch(instance, given, 1, &batch, error);
    if (status != SM_OK) return status;
    scoring s = {instance, &batch, nats, malloc((size_t)batch.rows * instance->vocabulary * sizeof(float))};
    if (!s.scratch) return fail(error, SM_RESOURCE_EXHAUSTED, "no memory for logits");
    const sm_host *host = instance->host;
    if (host && host->parallel_for)
        host->parallel_for(host->context, batch.rows, score_row, &s);
    else
        for (uint32_t row = 0; row < batch.rows; row++) score_row(&s, row);
    free(s.scratch);
    sm_score_result own = {.samples = 1};
    return result ? hand_over(result, &own, sizeof own, "result", error) : SM_OK;
}

static int32_t logits_of_batch(sm_instance *instance, const sm_batch *given, float *logits, sm_error *error) {
    sm_batch batch;
    int32_t status = read_batch(instance, given, 0, &batch, error);
    if (status != SM_OK) return status;
    for (uint64_t i = 0; i < batch.rows * batch.length; i++)
        logits_after(instance, batch.tokens[i], logits + i * instance->vocabulary);
    return SM_OK;
}

static int32_t predict(sm_instance *instance, const sm_batch *given, int32_t *symbols, float *log_probability,
                       sm_error *error) {
    sm_batch batch;
    int32_t status = read_batch(instance, given, 1, &batch, error);
    if (status != SM_OK) return status;
    float *logits = malloc(instance->vocabulary * sizeof *logits);
    if (!logits) return fail(error, SM_RESOURCE_EXHAUSTED, "no memory for logits");
    for (uint64_t i = 0; i < batch.rows * batch.length; i++) {
        symbols[i] = -1;
        if (log_probability) log_probability[i] = 0;
        if (batch.targets[i] < 0) continue;
        logits_after(instance, batch.tokens[i], logits);
        uint32_t best = 0;
        for (uint32_t v = 1; v < instance->vocabulary; v++)
            if (logits[v] > logits[best]) best = v;
        symbols[i] = (int32_t)best;
        if (log_probability) log_probability[i] = (float)(logits[best] - log_sum(logits, instance->vocabulary));
    }
    free(logits);
    return SM_OK;
}

static const sm_score score_table = {sizeof(sm_score), 0, score, logits_of_batch, predict};

#endif
