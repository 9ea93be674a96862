/*
 * failing.c: the honest bigram plugin that ends badly. -DFAILING_ID="..." names the model.
 * In training: -DFAIL_AT=N is the call of loss_and_gradient, counted from 1 in each process, and one of these says how: FAIL_CRASH,
 * FAIL_HANG, FAIL_DIVERGE, FAIL_ERROR. With none of them every call only takes 30 ms, so that there is time to interrupt it.
 * Before: FAIL_PROPOSE_CRASH, FAIL_PROPOSE_HANG, FAIL_PROPOSE_EXIT and FAIL_CREATE_CRASH, when it is asked how large it becomes.
 */
#define sm_plugin_query honest_query
#include "bigram.c"
#undef sm_plugin_query

#include <signal.h>
#include <unistd.h>

#ifndef FAIL_AT
#define FAIL_AT 0
#endif

static int32_t failing_loss_and_gradient(sm_instance *instance, const sm_batch *batch, double *value, sm_error *error) {
    static int calls;
    int32_t status = loss_and_gradient(instance, batch, value, error);
    if (++calls < FAIL_AT) return status;
#if defined(FAIL_CRASH)
    fprintf(stderr, "about to touch what is not there\n");
    raise(SIGSEGV);
#elif defined(FAIL_HANG)
    for (;;) pause();
#elif defined(FAIL_DIVERGE)
    *value = NAN;
#elif defined(FAIL_ERROR)
    return fail(error, SM_INTERNAL, "the model is tired");
#else
    usleep(30000);
#endif
    return status;
}

static int32_t failing_propose(uint32_t model, const sm_budget *budget, const sm_writer *writer, sm_error *error) {
#if defined(FAIL_PROPOSE_CRASH)
    fprintf(stderr, "about to propose what is not there\n");
    raise(SIGSEGV);
#elif defined(FAIL_PROPOSE_HANG)
    for (;;) pause();
#elif defined(FAIL_PROPOSE_EXIT)
    exit(0);
#endif
    return propose(model, budget, writer, error);
}

static int32_t failing_create(uint32_t model, const sm_host *host, const char *json, uint64_t length,
                              sm_instance **instance, sm_error *error) {
#if defined(FAIL_CREATE_CRASH)
    abort();
#endif
    return create(model, host, json, length, instance, error);
}

static int32_t failing_describe(uint32_t model, sm_description *description, sm_error *error) {
    int32_t status = describe(model, description, error);
    description->id = FAILING_ID;
    return status;
}

static const void *failing_extension(uint32_t model, const char *id) {
    static const sm_train table = {sizeof(sm_train), 0, loss, failing_loss_and_gradient, NULL};
    return strcmp(id, SM_TRAIN_1) == 0 ? &table : extension(model, id);
}

SM_EXPORT const sm_plugin *sm_plugin_query(const sm_host_info *host, sm_error *error) {
    static sm_plugin table;
    const sm_plugin *honest = honest_query(host, error);
    if (!honest) return NULL;
    table = *honest;
    table.describe = failing_describe;
    table.propose = failing_propose;
    table.create = failing_create;
    table.extension = failing_extension;
    return &table;
}
