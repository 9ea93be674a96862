/*
 * bigram.c: a whole plugin in plain C, as small as an honest one gets: proof that the ABI needs no Swift,
 * and the first thing that every part of the host is tried against.
 *
 * The model: logits of the next symbol given the present one, through a bottleneck,
 *     logits[v] = bias[v] + sum over r of embedding[x, r] * output[r, v]
 * Shapes: B rows, T length, V vocabulary, R width of the bottleneck ("hidden_size").
 * What it is not: fast. Build: cc -shared -fPIC -O2 -I Sources/CSequenceModel/include bigram.c -lm
 */
#include "sequence_model.h"

#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LARGEST_VOCABULARY 65536
#define LARGEST_WIDTH 65536

enum { EMBEDDING, OUTPUT, BIAS, PARAMETERS };

struct sm_instance {
    const sm_host *host;
    uint32_t vocabulary; /* V */
    uint32_t width;      /* R */
    int64_t shapes[PARAMETERS][2];
    const float *parameters[PARAMETERS];
    float *gradients[PARAMETERS];
    int is_bound;
    int has_gradients;
};

struct sm_session {
    sm_instance *instance;
    uint32_t rows;
    uint64_t position;
    int32_t *last; /* [B]; -1 before the first token */
};

/* ---- Errors ---- */

static int32_t fail(sm_error *error, int32_t code, const char *format, ...) {
    if (!error) return code;
    error->code = code;
    error->flags = 0;
    error->message_length = 0;
    if (!error->message || error->message_capacity == 0) return code;
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(error->message, error->message_capacity, format, arguments);
    va_end(arguments);
    if (length < 0) length = 0;
    if ((uint32_t)length >= error->message_capacity) {
        length = (int)error->message_capacity - 1;
        /* Cut at a character: continuation bytes are 10xxxxxx. */
        while (length > 0 && ((unsigned char)error->message[length] & 0xC0) == 0x80) length--;
        error->message[length] = 0;
    }
    error->message_length = (uint32_t)length;
    return code;
}

/* ---- Configuration ---- */

typedef struct configuration {
    uint32_t vocabulary;
    uint32_t width;
} configuration;

static const char schema[] =
    "{\"type\":\"object\",\"properties\":{"
    "\"vocab_size\":{\"type\":\"integer\",\"default\":256,\"minimum\":2,\"maximum\":65536},"
    "\"hidden_size\":{\"type\":\"integer\",\"default\":16,\"minimum\":1,\"maximum\":65536}}}";

typedef struct text {
    const char *next;
    const char *end;
} text;

static void skip_space(text *t) {
    while (t->next < t->end && strchr(" \t\r\n", *t->next) && *t->next) t->next++;
}

static int take(text *t, char wanted) {
    skip_space(t);
    if (t->next == t->end || *t->next != wanted) return 0;
    t->next++;
    return 1;
}

/* A key without escapes, which no known key needs. Returns its length, -1 when there is none. */
static int take_key(text *t, const char **key) {
    if (!take(t, '"')) return -1;
    *key = t->next;
    while (t->next < t->end && *t->next != '"') t->next++;
    if (t->next == t->end) return -1;
    int length = (int)(t->next - *key);
    t->next++;
    return length;
}

static int take_integer(text *t, int64_t *value) {
    skip_space(t);
    int negative = t->next < t->end && *t->next == '-';
    if (negative) t->next++;
    const char *begin = t->next;
    *value = 0;
    while (t->next < t->end && *t->next >= '0' && *t->next <= '9') {
        if (*value > 1000000000000) return 0;
        *value = *value * 10 + (*t->next++ - '0');
    }
    if (negative) *value = -*value;
    return t->next > begin;
}

static int32_t set_key(configuration *c, const char *key, int length, int64_t value, sm_error *error) {
    struct {
        const char *name;
        uint32_t *target;
        int64_t low, high;
    } known[] = {{"vocab_size", &c->vocabulary, 2, LARGEST_VOCABULARY}, {"hidden_size", &c->width, 1, LARGEST_WIDTH}};
    for (int i = 0; i < 2; i++) {
        if ((int)strlen(known[i].name) != length || memcmp(known[i].name, key, (size_t)length) != 0) continue;
        if (value < known[i].low || value > known[i].high)
            return fail(error, SM_INVALID_ARGUMENT, "%s is %lld; allowed: %lld to %lld", known[i].name, (long long)value,
                        (long long)known[i].low, (long long)known[i].high);
        *known[i].target = (uint32_t)value;
        return SM_OK;
    }
    /* With two keys the first letter tells which was meant. */
    for (int i = 0; i < 2; i++)
        if (length > 0 && key[0] == known[i].name[0])
            return fail(error, SM_INVALID_ARGUMENT, "unknown key \"%.*s\"; did you mean \"%s\"?", length, key, known[i].name);
    return fail(error, SM_INVALID_ARGUMENT, "unknown key \"%.*s\"; known: vocab_size, hidden_size", length, key);
}

static int32_t parse(const char *json, uint64_t length, configuration *c, sm_error *error) {
    *c = (configuration){256, 16};
    text t = {json, json + length};
    const char *malformed = "the configuration is not a JSON object of integers";
    if (!take(&t, '{')) return fail(error, SM_INVALID_ARGUMENT, "%s", malformed);
    if (!take(&t, '}')) {
        do {
            const char *key;
            int64_t value;
            int key_length = take_key(&t, &key);
            if (key_length < 0 || !take(&t, ':')) return fail(error, SM_INVALID_ARGUMENT, "%s", malformed);
            if (!take_integer(&t, &value))
                return fail(error, SM_INVALID_ARGUMENT, "%.*s is not an integer", key_length, key);
            int32_t status = set_key(c, key, key_length, value, error);
            if (status != SM_OK) return status;
        } while (take(&t, ','));
        if (!take(&t, '}')) return fail(error, SM_INVALID_ARGUMENT, "%s", malformed);
    }
    skip_space(&t);
    return t.next == t.end ? SM_OK : fail(error, SM_INVALID_ARGUMENT, "%s", malformed);
}

static int32_t write_configuration(const configuration *c, const sm_writer *writer) {
    char json[96];
    int length = snprintf(json, sizeof json, "{\"vocab_size\":%u,\"hidden_size\":%u}", c->vocabulary, c->width);
    return writer->write(writer->context, json, (uint64_t)length);
}

static int32_t resolve(uint32_t model, const char *json, uint64_t length, const sm_writer *writer, sm_error *error) {
    configuration c;
    if (model != 0) return fail(error, SM_NOT_FOUND, "there is no model %u", model);
    int32_t status = parse(json, length, &c, error);
    return status == SM_OK ? write_configuration(&c, writer) : status;
}

/* Parameters: V R + R V + V. */
static int32_t propose(uint32_t model, const sm_budget *budget, const sm_writer *writer, sm_error *error) {
    if (model != 0) return fail(error, SM_NOT_FOUND, "there is no model %u", model);
    double vocabulary = budget->alphabet, wanted = (double)budget->parameters;
    if (vocabulary < 2 || vocabulary > LARGEST_VOCABULARY)
        return fail(error, SM_INVALID_ARGUMENT, "alphabet is %u; allowed: 2 to %d", budget->alphabet, LARGEST_VOCABULARY);
    double width = floor((wanted - vocabulary) / (2 * vocabulary) + 0.5);
    if (width < 1) width = 1;
    if (width > LARGEST_WIDTH) width = LARGEST_WIDTH;
    double got = 2 * vocabulary * width + vocabulary;
    if (fabs(got - wanted) > 0.05 * wanted)
        return fail(error, SM_INVALID_ARGUMENT, "no configuration has %.0f parameters; the nearest has %.0f, possible: %.0f to %.0f",
                    wanted, got, 3 * vocabulary, 2 * vocabulary * LARGEST_WIDTH + vocabulary);
    configuration c = {(uint32_t)vocabulary, (uint32_t)width};
    return write_configuration(&c, writer);
}

/* ---- Instance ---- */

static int32_t create(uint32_t model, const sm_host *host, const char *json, uint64_t length, sm_instance **instance,
                      sm_error *error) {
    configuration c;
    if (model != 0) return fail(error, SM_NOT_FOUND, "there is no model %u", model);
    int32_t status = parse(json, length, &c, error);
    if (status != SM_OK) return status;
    sm_instance *made = calloc(1, sizeof *made);
    if (!made) return fail(error, SM_RESOURCE_EXHAUSTED, "no memory for an instance");
    made->host = host;
    made->vocabulary = c.vocabulary;
    made->width = c.width;
    int64_t shapes[PARAMETERS][2] = {{c.vocabulary, c.width}, {c.width, c.vocabulary}, {c.vocabulary, 0}};
    memcpy(made->shapes, shapes, sizeof shapes);
    *instance = made;
    return SM_OK;
}

static void destroy(sm_instance *instance) { free(instance); }

static int32_t shape(sm_instance *instance, sm_shape *shape, sm_error *error) {
    if (!shape || shape->struct_size < sizeof *shape) return fail(error, SM_INVALID_ARGUMENT, "shape is null or too short");
    shape->vocabulary = shape->alphabet = instance->vocabulary;
    shape->mask_symbol = -1;
    shape->maximum_tokens = 0;
    return SM_OK;
}

static uint64_t parameter_count(sm_instance *instance) {
    (void)instance;
    return PARAMETERS;
}

static int32_t parameter(sm_instance *instance, uint64_t index, sm_parameter *parameter, sm_error *error) {
    static const char *const names[PARAMETERS] = {"embedding.weight", "output.weight", "output.bias"};
    if (index >= PARAMETERS) return fail(error, SM_NOT_FOUND, "there is no parameter %llu", (unsigned long long)index);
    uint32_t size = parameter->struct_size;
    memset(parameter, 0, sizeof *parameter);
    parameter->struct_size = size;
    parameter->name = names[index];
    parameter->shape = instance->shapes[index];
    parameter->rank = index == BIAS ? 1 : 2;
    parameter->initialiser = index == BIAS ? SM_INITIALISE_CONSTANT : SM_INITIALISE_NORMAL;
    parameter->b = index == EMBEDDING ? 1 : index == OUTPUT ? 1 / sqrt(instance->width) : 0;
    parameter->flags = index == BIAS ? SM_PARAMETER_NO_WEIGHT_DECAY : 0;
    return SM_OK;
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

/* ---- The model ---- */

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
    if (!given) return fail(error, SM_INVALID_ARGUMENT, "batch is null");
    memset(batch, 0, sizeof *batch);
    memcpy(batch, given, given->struct_size < sizeof *batch ? given->struct_size : sizeof *batch);
    for (size_t i = sizeof *batch; i < given->struct_size; i++)
        if (((const char *)given)[i]) return fail(error, SM_UNIMPLEMENTED, "batch has a field that this plugin does not know");
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

/* ---- sm.train/1 ---- */

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

/* ---- sm.score/1 ---- */

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
    if (result) {
        result->samples = 1;
        result->estimator = NULL;
    }
    return SM_OK;
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

/* ---- sm.session/1 ---- */

static int32_t open_session(sm_instance *instance, uint32_t rows, sm_session **session, sm_error *error) {
    if (!instance->is_bound) return fail(error, SM_FAILED_PRECONDITION, "the model has no parameters yet: bind comes first");
    if (rows == 0) return fail(error, SM_INVALID_ARGUMENT, "a session of 0 rows; at least 1 is needed");
    sm_session *made = calloc(1, sizeof *made);
    int32_t *last = malloc(rows * sizeof *last);
    if (!made || !last) {
        free(made);
        free(last);
        return fail(error, SM_RESOURCE_EXHAUSTED, "no memory for a session");
    }
    for (uint32_t row = 0; row < rows; row++) last[row] = -1;
    *made = (sm_session){instance, rows, 0, last};
    *session = made;
    return SM_OK;
}

static void close_session(sm_session *session) {
    if (session) free(session->last);
    free(session);
}

static int32_t append(sm_session *session, const int32_t *tokens, uint64_t count, uint32_t which, float *logits,
                      sm_error *error) {
    const sm_instance *instance = session->instance;
    if (!tokens || count == 0) return fail(error, SM_INVALID_ARGUMENT, "append of no tokens");
    if (which > SM_LOGITS_ALL || (which != SM_LOGITS_NONE && !logits))
        return fail(error, SM_INVALID_ARGUMENT, "logits asked for (%u) without room for them", which);
    for (uint64_t i = 0; i < session->rows * count; i++)
        if (tokens[i] < 0 || tokens[i] >= (int64_t)instance->vocabulary)
            return fail(error, SM_INVALID_ARGUMENT, "token %d at row %llu, position %llu; allowed: 0 to %u", tokens[i],
                        (unsigned long long)(i / count), (unsigned long long)(i % count), instance->vocabulary - 1);
    for (uint32_t row = 0; row < session->rows; row++) {
        const int32_t *own = tokens + row * count;
        session->last[row] = own[count - 1];
        if (which == SM_LOGITS_LAST) logits_after(instance, own[count - 1], logits + (size_t)row * instance->vocabulary);
        if (which == SM_LOGITS_ALL)
            for (uint64_t i = 0; i < count; i++)
                logits_after(instance, own[i], logits + (row * count + i) * instance->vocabulary);
    }
    session->position += count;
    return SM_OK;
}

static uint64_t position(sm_session *session) { return session->position; }

static int32_t fork_session(sm_session *session, sm_session **copy, sm_error *error) {
    int32_t status = open_session(session->instance, session->rows, copy, error);
    if (status != SM_OK) return status;
    (*copy)->position = session->position;
    memcpy((*copy)->last, session->last, session->rows * sizeof *session->last);
    return SM_OK;
}

static int32_t rewind_session(sm_session *session, uint64_t position, sm_error *error) {
    if (position == session->position) return SM_OK;
    return fail(error, SM_UNIMPLEMENTED, "the state keeps the last symbol only and cannot go back");
}

static uint64_t state_bytes(sm_session *session) { return session->rows * sizeof *session->last; }

/* What a saved state begins with. */
typedef struct state_header {
    char magic[8];
    uint32_t vocabulary;
    uint32_t width;
    uint32_t rows;
    uint32_t check; /* of `last` */
    uint64_t position;
} state_header;

static uint32_t checksum(const int32_t *values, uint32_t count) {
    uint32_t sum = 2166136261u;
    for (uint32_t i = 0; i < count; i++) sum = (sum ^ (uint32_t)values[i]) * 16777619u;
    return sum;
}

static state_header header_of(const sm_session *session) {
    return (state_header){"bigram1", session->instance->vocabulary, session->instance->width, session->rows,
                          checksum(session->last, session->rows), session->position};
}

static int32_t save(sm_session *session, const sm_writer *writer, sm_error *error) {
    (void)error;
    state_header header = header_of(session);
    int32_t status = writer->write(writer->context, &header, sizeof header);
    return status != SM_OK ? status : writer->write(writer->context, session->last, session->rows * sizeof *session->last);
}

static int read_whole(const sm_reader *reader, void *target, uint64_t count) {
    while (count > 0) {
        int64_t got = reader->read(reader->context, target, count);
        if (got <= 0 || (uint64_t)got > count) return 0;
        target = (char *)target + got;
        count -= (uint64_t)got;
    }
    return 1;
}

static int32_t load(sm_instance *instance, const sm_reader *reader, sm_session **session, sm_error *error) {
    state_header header;
    char extra;
    if (!read_whole(reader, &header, sizeof header) || memcmp(header.magic, "bigram1", 8) != 0)
        return fail(error, SM_DATA_LOSS, "the state is not one of a bigram session, or is cut short");
    if (header.vocabulary != instance->vocabulary || header.width != instance->width)
        return fail(error, SM_DATA_LOSS, "the state is of a model with vocab_size %u and hidden_size %u; this one has %u and %u",
                    header.vocabulary, header.width, instance->vocabulary, instance->width);
    if (header.rows == 0 || header.rows > 1u << 20) return fail(error, SM_DATA_LOSS, "the state has %u rows", header.rows);
    int32_t status = open_session(instance, header.rows, session, error);
    if (status != SM_OK) return status;
    int whole = read_whole(reader, (*session)->last, header.rows * sizeof *(*session)->last);
    int ended = reader->read(reader->context, &extra, 1) == 0;
    if (!whole || !ended || checksum((*session)->last, header.rows) != header.check) {
        close_session(*session);
        *session = NULL;
        return fail(error, SM_DATA_LOSS, "the state is %s", !whole ? "cut short" : ended ? "damaged" : "longer than it should be");
    }
    (*session)->position = header.position;
    return SM_OK;
}

static uint32_t session_rows(sm_session *session) { return session->rows; }

static const sm_session_table session_table = {
    sizeof(sm_session_table), 0, open_session, close_session, append, position, fork_session, rewind_session, state_bytes,
    save, load, session_rows};

/* ---- The plugin ---- */

static int32_t describe(uint32_t model, sm_description *description, sm_error *error) {
    if (model != 0) return fail(error, SM_NOT_FOUND, "there is no model %u", model);
    description->likelihood = SM_LIKELIHOOD_EXACT;
    description->capabilities = SM_CAUSAL | SM_FIXED_STATE | SM_SESSION | SM_PREDICTS;
    description->id = "bigram";
    description->name = "Bigram";
    description->family = "n-gram";
    description->summary = "Predicts the next symbol from the present one, through a bottleneck.";
    description->paper = "A Mathematical Theory of Communication (Shannon 1948), section 3";
    description->licence = "Apache-2.0";
    description->configuration_schema = schema;
    return SM_OK;
}

static const void *extension(uint32_t model, const char *id) {
    if (model != 0) return NULL;
    if (strcmp(id, SM_TRAIN_1) == 0) return &train_table;
    if (strcmp(id, SM_SCORE_1) == 0) return &score_table;
    if (strcmp(id, SM_SESSION_1) == 0) return &session_table;
    return NULL;
}

static const sm_plugin plugin_table = {
    SM_MAGIC, SM_ABI_MAJOR, SM_ABI_MINOR, sizeof(sm_plugin), 0, "bigram-c", "1.0.0", 1, 0, describe, resolve, propose, create,
    destroy, extension, shape, parameter_count, parameter, /* initialise */ NULL, bind, parameters_changed};

SM_EXPORT const sm_plugin *sm_plugin_query(const sm_host_info *host, sm_error *error) {
    if (host && host->abi_major != SM_ABI_MAJOR) {
        fail(error, SM_INVALID_ARGUMENT, "this plugin speaks version %d of the interface, the host %u", SM_ABI_MAJOR,
             host->abi_major);
        return NULL;
    }
    return &plugin_table;
}
