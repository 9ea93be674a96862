/*
 * bigram.c: a whole plugin in plain C, as small as an honest one gets.
 *
 * The model: logits of the next symbol given the present one, through a bottleneck,
 *     logits[v] = bias[v] + sum over r of embedding[x, r] * output[r, v]
 * Shapes: B rows, T length, V vocabulary, R width of the bottleneck ("hidden_size").
 * In bigram_configuration.h, bigram_model.h and bigram_session.h stands what it does; here, how a host finds it.
 * What it is not: fast. Build: cc -shared -fPIC -O2 -fvisibility=hidden $(pkg-config --cflags sequence-model) bigram.c -lm
 */
#include "bigram_configuration.h"
#include "bigram_model.h"
#include "bigram_session.h"

static int32_t describe(uint32_t model, sm_description *description, sm_error *error) {
    if (model != 0) return fail(error, SM_NOT_FOUND, "there is no model %u", model);
    sm_description own = {
        .likelihood = SM_LIKELIHOOD_EXACT,
        .capabilities = SM_CAUSAL | SM_FIXED_STATE | SM_SESSION | SM_PREDICTS,
        .id = "bigram",
        .name = "Bigram",
        .family = "n-gram",
        .summary = "Predicts the next symbol from the present one, through a bottleneck.",
        .paper = "A Mathematical Theory of Communication (Shannon 1948), section 3",
        .licence = "Apache-2.0",
        .configuration_schema = schema};
    return hand_over(description, &own, sizeof own, "description", error);
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

SM_EXPORT const sm_plugin *sm_plugin_query(const sm_host_info *given, sm_error *error) {
    sm_host_info host;
    if (!given) return &plugin_table;
    if (take_over(&host, sizeof host, given, "host", error) != SM_OK) return NULL;
    if (host.abi_major != SM_ABI_MAJOR) {
        fail(error, SM_INVALID_ARGUMENT, "this plugin speaks version %d of the interface, the host %u", SM_ABI_MAJOR, host.abi_major);
        return NULL;
    }
    return &plugin_table;
}
