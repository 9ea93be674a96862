/* generation.c: sm.generate/1 for the bigram model, which draws from its own distribution; with faults in what it tells. */
#include "honest.h"

static int32_t faulty_generate(sm_instance *instance, const sm_generation *request, const sm_sink *sink, sm_error *error) {
    if (!instance->is_bound) return fail(error, SM_FAILED_PRECONDITION, "bind comes first");
    float *logits = malloc(instance->vocabulary * sizeof *logits);
    int32_t last = request->prompt_length ? request->prompt[request->prompt_length - 1] : 0, status = SM_OK;
    uint64_t state = request->key.words[0] ^ request->key.words[1], wanted = request->new_tokens;
#if defined(FAULT_TOO_MANY)
    wanted++;
#elif defined(FAULT_TOO_FEW)
    wanted /= 2;
#elif defined(FAULT_KEY_IGNORED)
    static uint64_t calls;
    state ^= ++calls;
#endif
    for (uint64_t i = 0; i < wanted && status == SM_OK; i++) {
        logits_after(instance, last, logits);
        double sum = log_sum(logits, instance->vocabulary);
        state = state * 6364136223846793005u + 1442695040888963407u;
        double left = (double)(state >> 11) / 9007199254740992.0;
        int32_t drawn = 0;
        for (uint32_t v = 0; v < instance->vocabulary && (left -= exp(logits[v] - sum)) > 0; v++) drawn = (int32_t)v;
#if defined(FAULT_OUTSIDE)
        drawn += (int32_t)instance->vocabulary;
#else
        last = drawn;
#endif
        sm_event event = {sizeof event, SM_EVENT_APPEND, request->prompt_length + i, 1, &drawn, 0, 0};
        if (sink->on_event(sink->context, &event) != 0) status = fail(error, SM_CANCELLED, "stopped by the host");
    }
    sm_event done = {sizeof done, SM_EVENT_DONE, 0, 0, NULL, 0, 0};
    if (status == SM_OK) sink->on_event(sink->context, &done);
    free(logits);
    return status;
}

static const sm_generate generation = {sizeof(sm_generate), 0, faulty_generate};

static const void *with_generation(uint32_t model, const char *id) {
    return strcmp(id, SM_GENERATE_1) == 0 ? &generation : armed_extension(model, id);
}

static int32_t generating_describe(uint32_t model, sm_description *description, sm_error *error) {
    int32_t status = named_describe(model, description, error);
    description->capabilities |= SM_GENERATES;
    return status;
}

static void arm(void) {
    table.extension = with_generation;
    table.describe = generating_describe;
}
