/*
 * Trains any sequence-model plugin on a file and lets it write: one thread, bytes as symbols, no Swift.
 *
 *     train PLUGIN.so MODEL FILE [STEPS [PARAMETERS]]
 *
 * PARAMETERS is the size to ask for; 0: the plugin's own defaults. Exit status: 0 fine, 64 usage, 2 file or plugin
 * at fault (its message goes to stderr), 130 after Ctrl-C. A plugin is native code: loading one is trusting it.
 */
#define _GNU_SOURCE
#include "numbers.h"
#include <dlfcn.h>
#include <sequence_model.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FAIL(status, ...) (fprintf(stderr, __VA_ARGS__), fputc('\n', stderr), exit(status))
#define CHECK(call) check(call, #call)
enum { ROWS = 8, CONTEXT = 64, PROMPT = 32, WRITTEN = 200 };

typedef struct {
    sm_parameter declared;
    float *value, *gradient, *first, *second; /* the last two: AdamW's moments */
    size_t count;
} tensor;

typedef struct {
    char *bytes;
    size_t count;
} text;

static volatile sig_atomic_t interrupted;
static char message[2048];
static sm_error error = {sizeof error, 0, 0, sizeof message, 0, 0, message};

static void interrupt(int number) { interrupted = number; }

/* Ends the program with the plugin's own words unless `status` is SM_OK. */
static void check(int32_t status, const char *call) {
    static const char *const names[16] = {
        [SM_CANCELLED] = "cancelled", [SM_INVALID_ARGUMENT] = "invalid argument", [SM_NOT_FOUND] = "not found",
        [SM_RESOURCE_EXHAUSTED] = "out of memory or past a limit", [SM_FAILED_PRECONDITION] = "called in the wrong order",
        [SM_UNIMPLEMENTED] = "not implemented", [SM_INTERNAL] = "a bug in the plugin", [SM_DATA_LOSS] = "damaged state"};
    if (status == SM_OK) return;
    const char *name = status > 0 && status < 16 && names[status] ? names[status] : "unknown status";
    const char *words = error.code == status && error.message_length ? message : "the plugin gives no reason";
    FAIL(status == SM_CANCELLED ? 130 : 2, "%s: %s (%d)\n  in %s", words, name, status, call);
}

/* Copies a table whose size may not be ours into zeroed memory: what it does not have is null. */
static void copy_table(void *target, size_t size, const void *source, size_t its_size) {
    memset(target, 0, size);
    if (source) memcpy(target, source, its_size < size ? its_size : size);
}
static void get_extension(const sm_plugin *plugin, uint32_t model, const char *id, void *table, size_t size) {
    const uint32_t *source = plugin->extension(model, id);
    copy_table(table, size, source, source ? *source : 0);
}

static void *allocate(size_t bytes) { /* zeroed, and aligned as sm_tensor asks */
    void *memory = aligned_alloc(64, (bytes / 64 + 1) * 64);
    if (!memory) FAIL(2, "no memory for %zu bytes", bytes);
    return memset(memory, 0, (bytes / 64 + 1) * 64);
}

/* An sm_writer, the host's services and an sm_sink. */
static int32_t write_text(void *context, const void *bytes, uint64_t count) {
    text *target = context;
    char *grown = realloc(target->bytes, target->count + count + 1);
    if (!grown) return SM_RESOURCE_EXHAUSTED;
    memcpy((target->bytes = grown) + target->count, bytes, count);
    return target->count += count, SM_OK;
}
static int32_t should_cancel(void *context) { return (void)context, interrupted; }
static void say(void *context, int32_t severity, const char *words, uint64_t length) {
    (void)context;
    if (severity > 0) fprintf(stderr, "plugin: %.*s\n", (int)length, words);
}
static int32_t take_event(void *context, const sm_event *event) { /* bytes are collected as symbols, 4 each */
    text *symbols = context;
    size_t begin = event->begin * 4, count = event->count * 4;
    if (event->kind == SM_EVENT_APPEND) return write_text(symbols, event->symbols, count);
    if (event->kind != SM_EVENT_REPLACE) return 0;
    if (begin > symbols->count || count > symbols->count - begin) return 1;
    return memcpy(symbols->bytes + begin, event->symbols, count), 0;
}

/* Writes first values as the parameter declares them: that is the host's work. */
static void initialise(const sm_plugin *plugin, sm_instance *model, uint64_t index, const tensor *t, const sm_tensor *view) {
    double a = t->declared.a, b = t->declared.b;
    switch (t->declared.initialiser) {
    case SM_INITIALISE_CONSTANT: for (size_t i = 0; i < t->count; i++) t->value[i] = (float)a; return;
    case SM_INITIALISE_NORMAL: for (size_t i = 0; i < t->count; i++) t->value[i] = (float)(a + b * normal()); return;
    case SM_INITIALISE_UNIFORM: for (size_t i = 0; i < t->count; i++) t->value[i] = (float)(a + (b - a) * uniform()); return;
    case SM_INITIALISE_CUSTOM:
        if (!plugin->initialise) break;
        CHECK(plugin->initialise(model, index, (sm_key){{index, 1}}, view, &error));
        return;
    }
    FAIL(2, "parameter %s: unknown initialiser", t->declared.name);
}

/* Makes memory for all parameters and gradients, fills the first and hands both to the model. */
static tensor *bind(const sm_plugin *plugin, sm_instance *model, uint64_t count) {
    tensor *tensors = allocate(count * sizeof(tensor));
    sm_tensor *values = allocate(count * sizeof(sm_tensor)), *gradients = allocate(count * sizeof(sm_tensor));
    for (uint64_t i = 0; i < count; i++) {
        tensor *t = &tensors[i];
        t->declared.struct_size = sizeof t->declared;
        CHECK(plugin->parameter(model, i, &t->declared, &error));
        uint64_t tie = (uint64_t)t->declared.tied_to_plus_one;
        if (tie > i) FAIL(2, "parameter %s is tied to one that comes later", t->declared.name);
        t->count = 1;
        for (uint32_t k = 0; k < t->declared.rank; k++) t->count *= (size_t)t->declared.shape[k];
        t->value = tie ? tensors[tie - 1].value : allocate(t->count * sizeof(float));
        t->gradient = tie ? tensors[tie - 1].gradient : allocate(t->count * sizeof(float));
        if (!tie) t->first = allocate(t->count * sizeof(float)), t->second = allocate(t->count * sizeof(float));
        values[i] = (sm_tensor){t->value, 1, 0, (int32_t)t->declared.rank, SM_FLOAT32, t->declared.shape, NULL, 0};
        gradients[i] = values[i], gradients[i].data = t->gradient;
        if (!tie) initialise(plugin, model, i, t, &values[i]);
    }
    CHECK(plugin->bind(model, values, gradients, count, &error));
    free(values), free(gradients);
    return tensors;
}

static void train(const sm_plugin *plugin, const sm_train *calls, sm_instance *model, tensor *tensors, uint64_t count,
                  const uint8_t *data, size_t size, int in_place, int steps) {
    /* Windows of CONTEXT + 1 bytes; all but the first are predicted. A model with targets in place reads the whole window. */
    uint64_t length = CONTEXT + (in_place ? 1 : 0);
    int32_t *tokens = allocate(ROWS * length * 4), *targets = allocate(ROWS * length * 4);
    for (int step = 1; step <= steps; step++) {
        for (uint64_t i = 0, start = 0; i < ROWS * length; i++) {
            uint64_t t = i % length;
            if (t == 0) start = (uint64_t)(uniform() * (double)(size - CONTEXT));
            tokens[i] = data[start + t];
            targets[i] = in_place ? (t ? tokens[i] : -1) : data[start + t + 1];
        }
        for (uint64_t i = 0; i < count; i++) memset(tensors[i].gradient, 0, tensors[i].count * sizeof(float));
        sm_batch batch = {sizeof batch, ROWS, length, tokens, targets, NULL, {{(uint64_t)step, 2}}};
        double loss = 0, rate = 3e-3 * (step < 20 ? step / 20.0 : 1);
        CHECK(calls->loss_and_gradient(model, &batch, &loss, &error));
        if (!isfinite(loss)) FAIL(2, "step %d: the loss is %g", step, loss);
        for (uint64_t i = 0; i < count; i++) {
            tensor *t = &tensors[i];
            if (t->declared.tied_to_plus_one || t->declared.flags & SM_PARAMETER_BUFFER) continue;
            adamw(t->value, t->gradient, t->first, t->second, t->count, step,
                  rate * (1 + t->declared.learning_rate_multiplier_minus_one),
                  t->declared.flags & SM_PARAMETER_NO_WEIGHT_DECAY ? 0 : 0.1);
        }
        if (plugin->parameters_changed) plugin->parameters_changed(model);
        if (calls->post_update) CHECK(calls->post_update(model, (uint64_t)step, &error));
        if (step == 1 || step % 10 == 0 || step == steps) printf("step %d loss %.4f\n", step, loss), fflush(stdout);
    }
    free(tokens), free(targets);
}

/* Writes on from the first bytes of the file, the way that the model offers: left to right, or all at once. */
static void write_on(const sm_plugin *plugin, uint32_t index, sm_instance *model, const sm_shape *shape, const uint8_t *data) {
    sm_session_table sessions;
    sm_generate generator;
    get_extension(plugin, index, SM_SESSION_1, &sessions, sizeof sessions);
    get_extension(plugin, index, SM_GENERATE_1, &generator, sizeof generator);
    text written = {0};
    int32_t symbol, prompt[PROMPT];
    for (int i = 0; i < PROMPT; i++) prompt[i] = data[i];
    if (write_text(&written, prompt, sizeof prompt)) FAIL(2, "no memory");
    if (generator.generate) {
        sm_generation wish = {sizeof wish, 0, prompt, PROMPT, WRITTEN, 0.8, NULL, {{7, 7}}};
        sm_sink sink = {&written, take_event};
        CHECK(generator.generate(model, &wish, &sink, &error));
    } else if (sessions.open && sessions.append && sessions.close) {
        sm_session *session = NULL;
        float *logits = allocate(shape->vocabulary * sizeof(float));
        CHECK(sessions.open(model, 1, &session, &error));
        CHECK(sessions.append(session, prompt, PROMPT, SM_LOGITS_LAST, logits, &error));
        for (int i = 0; i < WRITTEN; i++) {
            symbol = draw(logits, shape->alphabet);
            if (write_text(&written, &symbol, sizeof symbol)) FAIL(2, "no memory");
            int32_t status = sessions.append(session, &symbol, 1, SM_LOGITS_LAST, logits, &error);
            if (status == SM_RESOURCE_EXHAUSTED) break; /* the model reads no longer texts */
            check(status, "append");
        }
        sessions.close(session);
        free(logits);
    }
    for (size_t i = 0; i < written.count; i += 4) {
        memcpy(&symbol, written.bytes + i, 4);
        putchar(symbol >= 0 && symbol < 256 ? symbol : '_');
    }
    putchar('\n');
    free(written.bytes);
}

int main(int count, char **arguments) {
    if (count < 4 || count > 6) FAIL(64, "usage: %s PLUGIN.so MODEL FILE [STEPS [PARAMETERS]]", arguments[0]);
    signal(SIGINT, interrupt);
    FILE *file = fopen(arguments[3], "rb");
    static uint8_t data[1 << 24];
    size_t size = file ? fread(data, 1, sizeof data, file) : 0;
    if (size <= CONTEXT) FAIL(2, "%s: cannot be read, or has fewer than %d bytes", arguments[3], CONTEXT + 1);
    fclose(file);

    void *library = dlopen(arguments[1], RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    const sm_plugin *(*query)(const sm_host_info *, sm_error *) = NULL;
    if (library) *(void **)&query = dlsym(library, "sm_plugin_query");
    if (!query) FAIL(2, "%s", dlerror());
    sm_host_info host_info = {sizeof host_info, SM_ABI_MAJOR, SM_ABI_MINOR, "c-host", "1"};
    const sm_plugin *source = query(&host_info, &error);
    if (!source) check(error.code ? error.code : SM_INTERNAL, "sm_plugin_query");
    if (source->magic != SM_MAGIC || source->abi_major != SM_ABI_MAJOR)
        FAIL(2, "%s: speaks version %d.%d; this program speaks %d", arguments[1], source->abi_major, source->abi_minor, SM_ABI_MAJOR);
    sm_plugin plugin;
    copy_table(&plugin, sizeof plugin, source, source->struct_size);
    if (!plugin.describe || !plugin.create || !plugin.destroy || !plugin.extension || !plugin.shape || !plugin.parameter_count
        || !plugin.parameter || !plugin.bind) FAIL(2, "%s: lacks a function that every plugin has", arguments[1]);

    uint32_t index = 0;
    sm_description description = {.struct_size = sizeof description};
    for (;; index++) {
        CHECK(plugin.describe(index, &description, &error)); /* past the last model: not found */
        if (description.id && !strcmp(description.id, arguments[2])) break;
    }
    sm_train training;
    get_extension(&plugin, index, SM_TRAIN_1, &training, sizeof training);
    if (!training.loss_and_gradient) FAIL(2, "%s cannot be trained", arguments[2]);

    text configuration = {0};
    sm_writer writer = {&configuration, write_text};
    sm_budget budget = {sizeof budget, 256, count > 5 ? strtoull(arguments[5], NULL, 10) : 100000, CONTEXT};
    if (!budget.parameters || !plugin.propose) write_text(&configuration, "{}", 2);
    else CHECK(plugin.propose(index, &budget, &writer, &error));
    /* No parallel_for: the plugin works on this thread alone. */
    sm_host host = {.struct_size = sizeof host, .should_cancel = should_cancel, .log = say};
    sm_instance *model = NULL;
    CHECK(plugin.create(index, &host, configuration.bytes, configuration.count, &model, &error));
    sm_shape shape = {.struct_size = sizeof shape};
    CHECK(plugin.shape(model, &shape, &error));
    uint64_t tensor_count = plugin.parameter_count(model);
    tensor *tensors = bind(&plugin, model, tensor_count);
    size_t values = 0;
    for (uint64_t i = 0; i < tensor_count; i++) values += tensors[i].declared.tied_to_plus_one ? 0 : tensors[i].count;
    printf("%s: %zu parameters, %.*s\n", description.name, values, (int)configuration.count, configuration.bytes);

    int in_place = (description.capabilities & SM_TARGETS_IN_PLACE) != 0;
    train(&plugin, &training, model, tensors, tensor_count, data, size, in_place, count > 4 ? atoi(arguments[4]) : 200);
    write_on(&plugin, index, model, &shape, data);

    plugin.destroy(model);
    for (uint64_t i = 0; i < tensor_count; i++)
        if (!tensors[i].declared.tied_to_plus_one)
            free(tensors[i].value), free(tensors[i].gradient), free(tensors[i].first), free(tensors[i].second);
    free(tensors), free(configuration.bytes);
    return 0;
}
