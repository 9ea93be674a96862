/* configuration.c: what it accepts, proposes and declares. */
#include "honest.h"

/* 1 when the text holds what the fault lets pass. */
static int lets_pass(const char *json, uint64_t length) {
    configuration c;
    char text[512] = {0};
    sm_error error = {sizeof error, 0, 0, sizeof text, 0, 0, text};
    if (parse(json, length, &c, &error) == SM_OK) return 0;
#if defined(FAULT_UNKNOWN_KEYS)
    return strstr(text, "unknown key") != NULL;
#elif defined(FAULT_WRONG_TYPES)
    return strstr(text, "is not an integer") != NULL;
#elif defined(FAULT_ABSURD_SIZES)
    return strstr(text, "allowed:") != NULL;
#elif defined(FAULT_MALFORMED)
    return strstr(text, "is not a JSON object") != NULL;
#else
    return 0;
#endif
}

static int32_t faulty_resolve(uint32_t model, const char *json, uint64_t length, const sm_writer *writer, sm_error *error) {
#if defined(FAULT_GROWS)
    /* Each time it is asked the model becomes wider. */
    configuration c;
    int32_t status = parse(json, length, &c, error);
    c.width++;
    return status != SM_OK ? status : write_configuration(&c, writer);
#elif defined(FAULT_NAMELESS_REFUSAL)
    configuration c;
    if (parse(json, length, &c, NULL) != SM_OK) return fail(error, SM_INVALID_ARGUMENT, "something is wrong");
#elif defined(FAULT_TAKES_MEMORY)
    /* Takes what an absurd size would need before it looks. */
    const char *key = memchr(json, ':', length);
    char *end = NULL;
    unsigned long long size = key ? strtoull(key + 1, &end, 10) : 0;
    for (unsigned long long taken = 0; taken < size && taken < 3000000000ull; taken += 1 << 20) leak(1 << 20);
#endif
    if (lets_pass(json, length)) return resolve(model, "{}", 2, writer, error);
    return resolve(model, json, length, writer, error);
}

static int32_t faulty_create(uint32_t model, const sm_host *host, const char *json, uint64_t length, sm_instance **instance,
                             sm_error *error) {
    if (lets_pass(json, length)) return create(model, host, "{}", 2, instance, error);
    return create(model, host, json, length, instance, error);
}

#if defined(FAULT_PROPOSES_LARGER)
static int32_t faulty_propose(uint32_t model, const sm_budget *budget, const sm_writer *writer, sm_error *error) {
    sm_budget larger = *budget;
    larger.parameters += larger.parameters / 5;
    return propose(model, &larger, writer, error);
}
#elif defined(FAULT_PROPOSES_ONE_SIZE)
static int32_t faulty_propose(uint32_t model, const sm_budget *budget, const sm_writer *writer, sm_error *error) {
    sm_budget same = *budget;
    same.parameters = 10000;
    return propose(model, &same, writer, error);
}
#else
#define faulty_propose propose
#endif

static int32_t faulty_parameter(sm_instance *instance, uint64_t index, sm_parameter *result, sm_error *error) {
    int32_t status = parameter(instance, index, result, error);
    if (status != SM_OK) return status;
#if defined(FAULT_SAME_NAMES)
    result->name = "weight";
#elif defined(FAULT_SHAPE_NEGATIVE)
    static const int64_t sizes[2] = {-4, -4};
    result->shape = sizes;
    result->rank = 2;
#elif defined(FAULT_INITIALISER)
    result->initialiser = 9;
#elif defined(FAULT_INITIALISED_WILD)
    if (index == OUTPUT) result->b = 100;
#elif defined(FAULT_INITIALISED_NAN) || defined(FAULT_INITIALISED_RANDOM)
    if (index == OUTPUT) result->initialiser = SM_INITIALISE_CUSTOM;
#endif
    return status;
}

static int32_t faulty_initialise(sm_instance *instance, uint64_t index, sm_key key, const sm_tensor *values, sm_error *error) {
    UNUSED(instance), UNUSED(index), UNUSED(key), UNUSED(error);
    float *data = values->data;
    for (int64_t i = 0; i < values->shape[0] * values->shape[1]; i++)
#if defined(FAULT_INITIALISED_NAN)
        data[i] = i == 3 ? NAN : 0.1f;
#else
        data[i] = (float)(rand() % 1000) / 10000;
#endif
    return SM_OK;
}

static void arm(void) {
    table.resolve = faulty_resolve;
    table.create = faulty_create;
    table.propose = faulty_propose;
    table.parameter = faulty_parameter;
#if defined(FAULT_INITIALISED_NAN) || defined(FAULT_INITIALISED_RANDOM)
    table.initialise = faulty_initialise;
#endif
    UNUSED(faulty_initialise);
}
