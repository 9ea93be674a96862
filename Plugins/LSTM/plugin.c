/*
 * plugin.c: LSTM and GRU, the recurrent baselines of the field, in plain C: no Swift, no kit, no BLAS.
 *
 * Papers: Hochreiter and Schmidhuber 1997 (doi:10.1162/neco.1997.9.8.1735), Gers et al. 2000 (forget gate,
 * doi:10.1162/089976600300015015), Cho et al. 2014 (arXiv:1406.1078).
 * Update rules: c = f c' + i g, h = o tanh(c); and h = (1 - z) n + z h'.
 * Checked against nn.LSTM and nn.GRU of PyTorch 2.13. Deviations: none; no dropout, one direction.
 *
 * Where things are: configuration.c and proposal.c settings; instance.c parameters; train.c, score.c and session.c the
 * extensions; real/ the arithmetic, compiled for two real types and three processor levels. Here, how a host finds them.
 * Shapes: B rows, T tokens, D embedding, H hidden size, G gates, L layers, V vocabulary, P parts of a state, S steps at
 * a time.
 */
#include "exchange.h"
#include "instance.h"
#include "tables.h"

#include <string.h>

static int32_t describe(uint32_t model, sm_description *description, sm_error *error) {
    if (model >= ARCHITECTURES) return fail(error, SM_NOT_FOUND, "model %u; there are %d", model, ARCHITECTURES);
    sm_description own = {
        .likelihood = SM_LIKELIHOOD_EXACT,
        .capabilities = SM_CAUSAL | SM_FIXED_STATE | SM_SESSION | SM_PREDICTS,
        .id = architecture_id((architecture)model),
        .name = model == LSTM ? "LSTM" : "GRU",
        .family = "recurrent",
        .summary = model == LSTM ? "Long short-term memory: a cell that gates write, keep and show."
                                 : "Gated recurrent unit: a state that one gate blends and another hides.",
        .paper = model == LSTM ? "Long Short-Term Memory (Hochreiter and Schmidhuber 1997), doi:10.1162/neco.1997.9.8.1735"
                               : "Learning Phrase Representations using RNN Encoder-Decoder (Cho et al. 2014), arXiv:1406.1078",
        .licence = "Apache-2.0",
        .configuration_schema = configuration_schema((architecture)model)};
    return hand_over(description, &own, sizeof own, "description", error);
}

static int32_t resolve(uint32_t model, const char *json, uint64_t length, const sm_writer *writer, sm_error *error) {
    configuration c;
    if (model >= ARCHITECTURES) return fail(error, SM_NOT_FOUND, "model %u; there are %d", model, ARCHITECTURES);
    if (!writer) return fail(error, SM_INVALID_ARGUMENT, "configuration is null");
    int32_t status = read_configuration((architecture)model, json, length, &c, error);
    return status == SM_OK ? write_configuration(&c, writer) : status;
}

static int32_t propose(uint32_t model, const sm_budget *given, const sm_writer *writer, sm_error *error) {
    configuration c;
    sm_budget budget;
    if (model >= ARCHITECTURES) return fail(error, SM_NOT_FOUND, "model %u; there are %d", model, ARCHITECTURES);
    if (!writer) return fail(error, SM_INVALID_ARGUMENT, "configuration is null");
    int32_t status = take_over(&budget, sizeof budget, given, "budget", error);
    if (status == SM_OK) status = propose_configuration((architecture)model, &budget, &c, error);
    return status == SM_OK ? write_configuration(&c, writer) : status;
}

static const void *extension(uint32_t model, const char *id) {
    if (model >= ARCHITECTURES || !id) return NULL;
    if (strcmp(id, SM_TRAIN_1) == 0) return &train_table;
    if (strcmp(id, SM_SCORE_1) == 0) return &score_table;
    if (strcmp(id, SM_SESSION_1) == 0) return &session_table;
    return NULL;
}

/* Nothing is derived from the parameters, so there is nothing to drop. */
static void parameters_changed(sm_instance *instance) { (void)instance; }

static const sm_plugin plugin_table = {
    SM_MAGIC, SM_ABI_MAJOR, SM_ABI_MINOR, sizeof(sm_plugin), 0, "recurrent", "1.0.0", ARCHITECTURES, 0, describe, resolve,
    propose, create_instance, destroy_instance, extension, instance_shape, parameter_count, describe_parameter,
    /* initialise */ NULL, bind_instance, parameters_changed};

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
