/*
 * Many plugins in one process under many threads: every call must succeed and give the same bits as the first time.
 *
 *     soak THREADS CALLS PLUGIN.so:MODEL…
 *
 * Thread n has an instance of its own of plugin n modulo their number; copies of one plugin are different libraries, each
 * with a Swift runtime of its own. Prints "CALLS calls, THREADS threads, N plugins: no error"; anything else is a failure.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <sequence_model.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LENGTH = 6, PARAMETERS = 30000, MAXIMUM_PLUGINS = 32 };

typedef struct {
    char path[4096], id[65];
    const sm_plugin *table;
    uint32_t index, capabilities;
    const sm_train *train;
    const sm_score *score;
    const sm_session_table *session;
    const sm_generate *generate;
} plugin;

typedef struct {
    int number, calls, wanted;
    plugin *plugin;
    uint64_t digest; /* of every figure that one round gives */
} worker;

typedef struct {
    char bytes[8192];
    size_t count;
} text;

static atomic_int failures;
static plugin plugins[MAXIMUM_PLUGINS];

static void complain(const worker *w, const char *what, const char *why) {
    atomic_fetch_add(&failures, 1);
    fprintf(stderr, "thread %d, %s of %s: %s: %s\n", w->number, w->plugin->id, w->plugin->path, what, why);
}

static int32_t write_text(void *context, const void *bytes, uint64_t count) {
    text *t = context;
    if (count > sizeof t->bytes - t->count) return SM_RESOURCE_EXHAUSTED;
    memcpy(t->bytes + t->count, bytes, count);
    t->count += count;
    return SM_OK;
}
static int32_t measure(void *context, const void *bytes, uint64_t count) {
    (void)bytes;
    *(uint64_t *)context += count;
    return SM_OK;
}
static int32_t watch(void *context, const sm_event *event) {
    *(uint64_t *)context += event->count;
    return 0;
}
/* Any order is allowed: last piece first. */
static void backwards(void *context, uint64_t count, void (*task)(void *, uint64_t), void *argument) {
    (void)context;
    while (count-- > 0) task(argument, count);
}
static int32_t never(void *context) { return (void)context, 0; }

static uint64_t mixed(uint64_t digest, const void *bytes, size_t count) { /* FNV-1a */
    for (size_t i = 0; i < count; i++) digest = (digest ^ ((const uint8_t *)bytes)[i]) * 0x100000001B3u;
    return digest;
}

#define EXPECT(wanted, call) \
    do { \
        error.code = 0, message[0] = 0; \
        int32_t status_ = (call); \
        w->calls++; \
        if (status_ != (wanted)) complain(w, #call, message[0] ? message : "wrong status without a message"); \
    } while (0)

/* One round of calls on a bound instance. */
static uint64_t round_of_calls(worker *w, sm_instance *model, const sm_shape *shape, uint64_t tensors) {
    char message[512];
    sm_error error = {sizeof error, 0, 0, sizeof message, 0, 0, message};
    const plugin *p = w->plugin;
    uint64_t digest = 0xCBF29CE484222325u;
    int32_t tokens[LENGTH], targets[LENGTH];
    for (int i = 0; i < LENGTH; i++) tokens[i] = (i * 37 + 11) % 256;
    for (int i = 0; i < LENGTH; i++)
        targets[i] = p->capabilities & SM_TARGETS_IN_PLACE ? (i ? tokens[i] : -1) : (i + 1 < LENGTH ? tokens[i + 1] : -1);
    sm_batch batch = {sizeof batch, 1, LENGTH, tokens, targets, NULL, {{3, 4}}};

    static const char unknown[] = "{\"no_such_key\": [1, {\"a\": 2.5}]}";
    text configuration = {.count = 0};
    sm_writer writer = {&configuration, write_text};
    EXPECT(SM_OK, p->table->resolve(p->index, "{}", 2, &writer, &error));
    EXPECT(SM_INVALID_ARGUMENT, p->table->resolve(p->index, unknown, sizeof unknown - 1, &writer, &error));
    if (!strstr(message, "no_such_key")) complain(w, "resolve", "the message does not name the key");
    sm_parameter parameter = {.struct_size = sizeof parameter};
    EXPECT(SM_OK, p->table->parameter(model, (uint64_t)w->calls % tensors, &parameter, &error));
    EXPECT(SM_NOT_FOUND, p->table->parameter(model, tensors, &parameter, &error));

    double loss = 0, again = 0;
    EXPECT(SM_OK, p->train->loss(model, &batch, &loss, &error));
    EXPECT(SM_OK, p->train->loss_and_gradient(model, &batch, &again, &error));
    digest = mixed(mixed(digest, &loss, sizeof loss), &again, sizeof again);
    float nats[LENGTH];
    sm_score_result result = {.struct_size = sizeof result};
    EXPECT(SM_OK, p->score->score(model, &batch, 1, nats, &result, &error));
    digest = mixed(digest, nats, sizeof nats);
    tokens[LENGTH / 2] = 1 << 20;
    EXPECT(SM_INVALID_ARGUMENT, p->train->loss(model, &batch, &loss, &error));
    tokens[LENGTH / 2] = 7;

    if (p->session) {
        sm_session *session = NULL, *copy = NULL;
        float *logits = calloc(shape->vocabulary, sizeof(float));
        uint64_t bytes = 0;
        sm_writer meter = {&bytes, measure};
        EXPECT(SM_OK, p->session->open(model, 1, &session, &error));
        EXPECT(SM_OK, p->session->append(session, tokens, LENGTH, SM_LOGITS_LAST, logits, &error));
        EXPECT(SM_OK, p->session->fork(session, &copy, &error));
        EXPECT(SM_OK, p->session->append(copy, tokens, 1, SM_LOGITS_LAST, logits, &error));
        EXPECT(SM_OK, p->session->save(copy, &meter, &error));
        digest = mixed(mixed(digest, logits, shape->vocabulary * sizeof(float)), &bytes, sizeof bytes);
        p->session->close(session), p->session->close(copy), w->calls += 2;
        free(logits);
    }
    if (p->generate) {
        uint64_t symbols = 0;
        sm_generation wish = {sizeof wish, 2, tokens, 2, 6, 1, NULL, {{5, 6}}};
        sm_sink sink = {&symbols, watch};
        EXPECT(SM_OK, p->generate->generate(model, &wish, &sink, &error));
        digest = mixed(digest, &symbols, sizeof symbols);
    }
    return digest;
}

static void *work(void *argument) {
    worker *w = argument;
    const plugin *p = w->plugin;
    char message[512];
    sm_error error = {sizeof error, 0, 0, sizeof message, 0, 0, message};
    /* Every other thread's host offers something; figures must not depend on it. */
    sm_host host = {sizeof host, 4, NULL, backwards, never, NULL, NULL};
    while (w->calls < w->wanted) {
        text configuration = {.count = 0};
        sm_writer writer = {&configuration, write_text};
        sm_budget budget = {sizeof budget, 256, PARAMETERS, 32};
        sm_instance *model = NULL;
        sm_shape shape = {.struct_size = sizeof shape};
        EXPECT(SM_OK, p->table->propose(p->index, &budget, &writer, &error));
        EXPECT(SM_OK, p->table->create(p->index, w->number / 8 % 2 ? &host : NULL, configuration.bytes, configuration.count, &model, &error));
        if (!model) return NULL;
        EXPECT(SM_OK, p->table->shape(model, &shape, &error));
        uint64_t count = p->table->parameter_count(model);
        sm_tensor *values = calloc(count, sizeof *values), *gradients = calloc(count, sizeof *gradients);
        for (uint64_t i = 0; i < count; i++) {
            sm_parameter declared = {.struct_size = sizeof declared};
            EXPECT(SM_OK, p->table->parameter(model, i, &declared, &error));
            size_t size = 1, tie = (size_t)declared.tied_to_plus_one;
            for (uint32_t k = 0; k < declared.rank; k++) size *= (size_t)declared.shape[k];
            float *value = tie ? values[tie - 1].data : aligned_alloc(64, (size * 4 + 63) / 64 * 64);
            for (size_t k = 0; k < size && !tie; k++) value[k] = (float)((k * 2654435761u + i) % 1009) / 10090.0f;
            values[i] = (sm_tensor){value, 1, 0, (int32_t)declared.rank, SM_FLOAT32, declared.shape, NULL, 0};
            gradients[i] = values[i];
            gradients[i].data = tie ? gradients[tie - 1].data : memset(aligned_alloc(64, (size * 4 + 63) / 64 * 64), 0, size * 4);
        }
        EXPECT(SM_OK, p->table->bind(model, values, gradients, count, &error));
        for (int i = 0; i < 20 && w->calls < w->wanted; i++) {
            uint64_t digest = round_of_calls(w, model, &shape, count);
            if (w->digest && digest != w->digest) complain(w, "a round", "gave other figures than the first");
            w->digest = digest;
        }
        for (uint64_t i = 0; i < count; i++) {
            int is_tied = 0;
            for (uint64_t k = 0; k < i; k++) is_tied |= values[k].data == values[i].data;
            if (!is_tied) free(gradients[i].data);
            if (is_tied) values[i].data = NULL;
        }
        p->table->destroy(model);
        for (uint64_t i = 0; i < count; i++) free(values[i].data);
        free(values), free(gradients);
    }
    return NULL;
}

static const char *load(plugin *p, char *argument) {
    char *colon = strrchr(argument, ':');
    if (!colon) return "no model named";
    snprintf(p->path, sizeof p->path, "%.*s", (int)(colon - argument), argument);
    snprintf(p->id, sizeof p->id, "%s", colon + 1);
    void *library = dlopen(p->path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    const sm_plugin *(*query)(const sm_host_info *, sm_error *) = NULL;
    if (library) *(void **)&query = dlsym(library, "sm_plugin_query");
    sm_host_info info = {sizeof info, SM_ABI_MAJOR, SM_ABI_MINOR, "soak", "1"};
    p->table = query ? query(&info, NULL) : NULL;
    if (!p->table) return query ? "refuses" : dlerror();
    for (; p->index < p->table->model_count; p->index++) {
        sm_description description = {.struct_size = sizeof description};
        if (p->table->describe(p->index, &description, NULL) != SM_OK) return "does not describe itself";
        p->capabilities = description.capabilities;
        if (!strcmp(description.id, p->id)) break;
    }
    p->train = p->table->extension(p->index, SM_TRAIN_1);
    p->score = p->table->extension(p->index, SM_SCORE_1);
    p->session = p->table->extension(p->index, SM_SESSION_1);
    p->generate = p->table->extension(p->index, SM_GENERATE_1);
    return p->train && p->score ? NULL : "has no such model that trains and scores";
}

int main(int count, char **arguments) {
    if (count < 4 || count - 3 > MAXIMUM_PLUGINS) return 64;
    int threads = atoi(arguments[1]), calls = atoi(arguments[2]), loaded = count - 3, total = 0;
    for (int i = 0; i < loaded; i++) {
        const char *fault = load(&plugins[i], arguments[3 + i]);
        if (fault) return fprintf(stderr, "%s: %s\n", arguments[3 + i], fault), 2;
        for (int k = 0; k < i; k++)
            if (plugins[k].table == plugins[i].table) return fprintf(stderr, "%s is loaded twice\n", plugins[i].path), 2;
    }
    worker *workers = calloc((size_t)threads, sizeof *workers);
    pthread_t *handles = calloc((size_t)threads, sizeof *handles);
    for (int i = 0; i < threads; i++) {
        workers[i] = (worker){i, 0, (calls + threads - 1) / threads, &plugins[i % loaded], 0};
        if (pthread_create(&handles[i], NULL, work, &workers[i])) return 2;
    }
    for (int i = 0; i < threads; i++) pthread_join(handles[i], NULL), total += workers[i].calls;
    /* All instances of one model had the same parameters and read the same symbols. */
    for (int i = 0; i < threads; i++)
        for (int k = 0; k < i; k++)
            if (!strcmp(workers[i].plugin->id, workers[k].plugin->id) && workers[i].digest != workers[k].digest)
                complain(&workers[i], "all rounds", "gave other figures than another thread's");
    if (failures) return fprintf(stderr, "%d failures\n", failures), 1;
    printf("%d calls, %d threads, %d plugins: no error\n", total, threads, loaded);
    return free(workers), free(handles), 0;
}
