/*
 * misbehaving.c: the honest bigram plugin with one fault, chosen by a macro: -DFAULT_... . Each fault is one that a loader or
 * an adapter must name.
 */
#define sm_plugin_query honest_query
#include "bigram.c"
#undef sm_plugin_query

#define UNUSED(x) (void)(x)

/* ---- Faults of the description ---- */

static int32_t faulty_describe(uint32_t model, sm_description *description, sm_error *error) {
    UNUSED(model);
#if defined(FAULT_DESCRIBE_FAILS)
    UNUSED(description);
    return fail(error, SM_INTERNAL, "cannot describe itself today");
#elif defined(FAULT_SILENT_ERROR)
    UNUSED(description);
    UNUSED(error);
    return SM_INTERNAL;
#endif
    int32_t status = describe(0, description, error);
#if defined(FAULT_ID_NULL)
    description->id = NULL;
#elif defined(FAULT_ID_EMPTY)
    description->id = "";
#elif defined(FAULT_ID_CHARACTERS)
    description->id = "Bi gram";
#elif defined(FAULT_ID_NOT_UTF8)
    description->id = "bi\xFFgram";
#elif defined(FAULT_ID_LONG)
    description->id = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"; /* 65 */
#elif defined(FAULT_NAME_ESCAPES)
    description->name = "Big\x1B[31mram";
#elif defined(FAULT_SCHEMA)
    description->configuration_schema = "{\"properties\":{},}";
#elif defined(FAULT_LIKELIHOOD)
    description->likelihood = 7;
#elif defined(FAULT_PROMISES_GENERATION)
    description->capabilities |= SM_GENERATES;
#elif defined(VARIANT_GENERATES)
    description->id = "generator";
    description->capabilities |= SM_GENERATES;
#elif defined(VARIANT_OTHER_ID)
    description->id = "other";
#elif defined(VARIANT_SAME_ID)
    description->summary = "Another model that calls itself bigram.";
#endif
    return status;
}

/* ---- Faults of an instance ---- */

static int32_t faulty_create(uint32_t model, const sm_host *host, const char *json, uint64_t length, sm_instance **instance,
                             sm_error *error) {
#if defined(FAULT_CREATE_NOTHING)
    UNUSED(model), UNUSED(host), UNUSED(json), UNUSED(length), UNUSED(instance), UNUSED(error);
    return SM_OK;
#else
    return create(model, host, json, length, instance, error);
#endif
}

static int32_t faulty_resolve(uint32_t model, const char *json, uint64_t length, const sm_writer *writer, sm_error *error) {
#if defined(FAULT_RESOLVE_GARBAGE)
    UNUSED(model), UNUSED(json), UNUSED(length), UNUSED(error);
    return writer->write(writer->context, "{\"a\":1,\"a\":2}", 13);
#elif defined(FAULT_RESOLVE_ARRAY)
    UNUSED(model), UNUSED(json), UNUSED(length), UNUSED(error);
    return writer->write(writer->context, "[]", 2);
#elif defined(FAULT_RESOLVE_ENDLESS)
    UNUSED(model), UNUSED(json), UNUSED(length), UNUSED(error);
    for (;;) {
        int32_t status = writer->write(writer->context, "          ", 10);
        if (status != SM_OK) return fail(error, status, "the writer is full");
    }
#else
    return resolve(model, json, length, writer, error);
#endif
}

static int32_t faulty_shape(sm_instance *instance, sm_shape *result, sm_error *error) {
    int32_t status = shape(instance, result, error);
#if defined(FAULT_VOCABULARY_ZERO)
    result->vocabulary = 0;
#elif defined(FAULT_ALPHABET)
    result->alphabet = result->vocabulary + 1;
#endif
    return status;
}

static uint64_t faulty_parameter_count(sm_instance *instance) {
#if defined(FAULT_PARAMETER_COUNT)
    UNUSED(instance);
    return 1000000000000;
#else
    return parameter_count(instance);
#endif
}

static int32_t faulty_parameter(sm_instance *instance, uint64_t index, sm_parameter *result, sm_error *error) {
    int32_t status = parameter(instance, index, result, error);
#if defined(FAULT_PARAMETER_NAMES)
    result->name = "weight";
#elif defined(FAULT_PARAMETER_NAMELESS)
    result->name = NULL;
#elif defined(FAULT_PARAMETER_RANK)
    result->rank = 9;
#elif defined(FAULT_PARAMETER_SHAPE)
    static const int64_t sizes[2] = {1 << 30, 1 << 30};
    result->shape = sizes;
    result->rank = 2;
#elif defined(FAULT_PARAMETER_NEGATIVE)
    static const int64_t sizes[2] = {-4, -4};
    result->shape = sizes;
    result->rank = 2;
#elif defined(FAULT_PARAMETER_INITIALISER)
    result->initialiser = 9;
#elif defined(FAULT_PARAMETER_TIED)
    if (index == BIAS) result->tied_to_plus_one = 1;
#elif defined(FAULT_PARAMETER_TIED_AHEAD)
    result->tied_to_plus_one = (int64_t)index + 1;
#elif defined(VARIANT_CUSTOM)
    if (index == BIAS) {
        result->initialiser = SM_INITIALISE_CUSTOM;
        result->flags |= SM_PARAMETER_BUFFER;
    }
    if (index == EMBEDDING) {
        result->initialiser = SM_INITIALISE_UNIFORM;
        result->a = -0.25;
        result->b = 0.75;
        result->learning_rate_multiplier_minus_one = 1.5;
    }
#endif
    return status;
}

#if defined(VARIANT_CUSTOM)
/* Writes what it was given: the low bits of the key, then the index of each value. */
static int32_t custom_initialise(sm_instance *instance, uint64_t index, sm_key key, const sm_tensor *values, sm_error *error) {
    UNUSED(instance), UNUSED(error);
    float *data = values->data;
    for (int64_t i = 0; i < values->shape[0]; i++) data[i] = (float)i;
    data[0] = (float)(key.words[0] & 0xFFFF);
    data[1] = (float)index;
    return SM_OK;
}
#endif

/* ---- Faults of calls ---- */

#if defined(VARIANT_SERVICES)
typedef struct visits {
    uint32_t seen[1000];
} visits;

static void visit(void *argument, uint64_t index) { __atomic_fetch_add(&((visits *)argument)->seen[index], 1, __ATOMIC_RELAXED); }
#endif

static int32_t faulty_loss(sm_instance *instance, const sm_batch *batch, double *value, sm_error *error) {
#if defined(FAULT_POISONED)
    UNUSED(instance), UNUSED(batch), UNUSED(value);
    fail(error, SM_INTERNAL, "the heap is broken");
    error->flags = SM_ERROR_POISONED;
    return SM_INTERNAL;
#elif defined(FAULT_BLAMES_HOST)
    UNUSED(instance), UNUSED(batch), UNUSED(value);
    fail(error, SM_INVALID_ARGUMENT, "weights are not\nwhere they\x1Bshould be");
    error->flags = SM_ERROR_HOST_BUG;
    return SM_INVALID_ARGUMENT;
#elif defined(FAULT_LONG_MESSAGE)
    UNUSED(instance), UNUSED(batch), UNUSED(value);
    memset(error->message, 'x', error->message_capacity); /* without the final zero */
    error->message_length = 1u << 30;
    return 77;
#elif defined(VARIANT_SERVICES)
    UNUSED(batch), UNUSED(error);
    const sm_host *host = instance->host;
    static visits v;
    memset(&v, 0, sizeof v);
    host->log(host->context, 2, "a warn\x1Bing", 10);
    host->progress(host->context, 0.25);
    host->progress(host->context, NAN);
    host->parallel_for(host->context, 1000, visit, &v);
    *value = 0;
    for (int i = 0; i < 1000; i++) *value += v.seen[i] == 1;
    *value += 10000.0 * host->max_concurrency;
    return SM_OK;
#else
    return loss(instance, batch, value, error);
#endif
}

#if defined(FAULT_SCORE_UNWRITTEN)
static int32_t faulty_score(sm_instance *instance, const sm_batch *batch, uint32_t samples, float *nats, sm_score_result *result,
                            sm_error *error) {
    UNUSED(instance), UNUSED(samples), UNUSED(result), UNUSED(error);
    nats[0] = 1; /* and no more */
    return batch ? SM_OK : SM_INTERNAL;
}
#elif defined(VARIANT_BOUND)
static int32_t faulty_score(sm_instance *instance, const sm_batch *batch, uint32_t samples, float *nats, sm_score_result *result,
                            sm_error *error) {
    int32_t status = score(instance, batch, samples, nats, result, error);
    result->samples = samples;
    result->estimator = "by halves";
    return status;
}
#else
#define faulty_score score
#endif

#if defined(VARIANT_GENERATES)
/* Appends new_tokens symbols counting up from `steps`, then replaces the first, then says that it is done. */
static int32_t generate(sm_instance *instance, const sm_generation *request, const sm_sink *sink, sm_error *error) {
    UNUSED(instance);
    int32_t symbols[64];
    if (request->new_tokens > 64) return fail(error, SM_INVALID_ARGUMENT, "at most 64 new tokens");
    for (uint64_t i = 0; i < request->new_tokens; i++) symbols[i] = (int32_t)(request->steps + i);
    sm_event events[] = {
        {sizeof(sm_event), SM_EVENT_STEP, 0, 0, NULL, 0, request->steps},
        {sizeof(sm_event), SM_EVENT_APPEND, 0, request->new_tokens, symbols, 0, 0},
        {sizeof(sm_event), 99, 0, 0, NULL, 0, 0},
        {sizeof(sm_event), SM_EVENT_REPLACE, request->prompt_length, 1, request->prompt, 0, 0},
        {sizeof(sm_event), SM_EVENT_DONE, 0, 0, NULL, 0, 0},
    };
    if (request->sampler && strcmp(request->sampler, "broken") == 0) events[1].symbols = NULL;
    for (int i = 0; i < 5; i++)
        if (sink->on_event(sink->context, &events[i]) != 0) return fail(error, SM_CANCELLED, "stopped by the host");
    return SM_OK;
}

static const sm_generate generate_table = {sizeof(sm_generate), 0, generate};
#endif

static const sm_train faulty_train = {sizeof(sm_train), 0, faulty_loss, loss_and_gradient, NULL};
static const sm_score faulty_score_table = {sizeof(sm_score), 0, faulty_score, logits_of_batch, predict};
static const sm_session_table short_session = {
    offsetof(sm_session_table, rows), 0, open_session, close_session, append, position, fork_session, rewind_session,
    state_bytes, save, load, session_rows};

static const void *faulty_extension(uint32_t model, const char *id) {
    UNUSED(model);
    if (strcmp(id, SM_TRAIN_1) == 0) return &faulty_train;
    if (strcmp(id, SM_SCORE_1) == 0) return &faulty_score_table;
#if defined(VARIANT_GENERATES)
    if (strcmp(id, SM_GENERATE_1) == 0) return &generate_table;
#endif
#if defined(FAULT_EXTENSION_SIZE)
    static const sm_session_table tiny = {4};
    if (strcmp(id, SM_SESSION_1) == 0) return &tiny;
#elif defined(FAULT_NO_SESSION)
    if (strcmp(id, SM_SESSION_1) == 0) return NULL;
#elif defined(VARIANT_SHORT_SESSION)
    if (strcmp(id, SM_SESSION_1) == 0) return &short_session;
#endif
    UNUSED(short_session);
    return extension(0, id);
}

/* ---- Faults of the table ---- */

SM_EXPORT const sm_plugin *sm_plugin_query(const sm_host_info *host, sm_error *error) {
    /* A later minor version has a longer table. */
    static struct {
        sm_plugin table;
        void *later[4];
    } grown;
    UNUSED(honest_query);
#if defined(FAULT_REFUSES)
    UNUSED(host);
    fail(error, SM_INVALID_ARGUMENT, "needs version 3 of the interface");
    return NULL;
#elif defined(FAULT_REFUSES_SILENTLY)
    UNUSED(host), UNUSED(error);
    return NULL;
#endif
    grown.table = *honest_query(host, error);
    sm_plugin *table = &grown.table;
    table->describe = faulty_describe;
    table->resolve = faulty_resolve;
    table->create = faulty_create;
    table->shape = faulty_shape;
    table->parameter_count = faulty_parameter_count;
    table->parameter = faulty_parameter;
    table->extension = faulty_extension;
#if defined(VARIANT_CUSTOM)
    table->initialise = custom_initialise;
#endif
#if defined(FAULT_MAGIC)
    table->magic = 0x12345678;
#elif defined(FAULT_OLDER_MAJOR)
    table->abi_major = 0;
    table->abi_minor = 7;
#elif defined(FAULT_NEWER_MAJOR)
    table->abi_major = 2;
    table->abi_minor = 0;
#elif defined(VARIANT_NEWER_MINOR)
    table->abi_minor = 9;
    table->struct_size = sizeof grown;
    grown.later[0] = grown.later;
#elif defined(FAULT_SHORT)
    table->struct_size = offsetof(sm_plugin, bind);
#elif defined(FAULT_HALF_SLOT)
    table->struct_size = offsetof(sm_plugin, bind) + 4;
#elif defined(FAULT_SIZE_ZERO)
    table->struct_size = 0;
#elif defined(FAULT_SIZE_HUGE)
    table->struct_size = 0x7FFFFFFF;
#elif defined(FAULT_NULL_SLOT)
    table->parameter = NULL;
#elif defined(VARIANT_NULL_OPTIONAL)
    table->propose = NULL;
    table->parameters_changed = NULL;
    table->name = NULL;
    table->version = NULL;
#elif defined(FAULT_NO_MODELS)
    table->model_count = 0;
#elif defined(FAULT_MANY_MODELS)
    table->model_count = 4000000000u;
#elif defined(FAULT_DUPLICATE_IDS)
    table->model_count = 2;
#elif defined(FAULT_VERSION_NOT_UTF8)
    table->version = "1.\xC3";
#endif
    return table;
}
