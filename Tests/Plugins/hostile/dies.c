/*
 * dies.c: ends badly. How: WAY_CRASH, WAY_HANG, WAY_SPIN, WAY_TRAP, WAY_ABORT, WAY_EXIT, WAY_LEAVE, WAY_THROW, WAY_KILL, WAY_OVERFLOW,
 * WAY_EATS (takes memory until there is none, 16 GiB at most; it is never touched).
 * Where: AT_LOAD, AT_QUERY, AT_RESOLVE, AT_CREATE, AT_TRAINING, AT_LOSS, AT_SCORE, AT_APPEND, AT_DESTROY, AT_UNLOAD.
 * -DMARK="path": appends a byte to that file first, so that somebody can count.
 */
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#if defined(AT_QUERY)
#define OWN_QUERY
#endif
#include "honest.h"

#if defined(WAY_THROW)
/* What `throw 1;` is in C++, in terms of its library. */
void *__cxa_allocate_exception(size_t size);
void __cxa_throw(void *thrown, void *type, void (*destroy)(void *));
extern void *_ZTIi;
#endif

#if defined(WAY_OVERFLOW)
static int deep(volatile char *above) {
    volatile char here[4096];
    here[0] = above[0];
    return above[0] == 1 ? 0 : deep(here) + here[0];
}
#endif

__attribute__((unused)) static void die(void) {
#if defined(MARK)
    int file = open(MARK, O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (write(file, "x", 1) != 1) abort();
    close(file);
#endif
#if defined(WAY_CRASH)
    *(volatile int *)0 = 1;
#elif defined(WAY_HANG)
    for (;;) pause();
#elif defined(WAY_SPIN)
    for (volatile int i = 0;; i++) {}
#elif defined(WAY_TRAP)
    __builtin_trap();
#elif defined(WAY_ABORT)
    abort();
#elif defined(WAY_EXIT)
    exit(0);
#elif defined(WAY_LEAVE)
    _exit(3);
#elif defined(WAY_THROW)
    int *thrown = __cxa_allocate_exception(sizeof *thrown);
    *thrown = 1;
    __cxa_throw(thrown, &_ZTIi, NULL);
#elif defined(WAY_KILL)
    raise(SIGKILL);
#elif defined(WAY_EATS)
    for (int i = 0; i < 256; i++) {
        void *volatile taken = malloc((size_t)64 << 20); /* volatile: else the compiler leaves it out */
        if (taken) continue;
        fprintf(stderr, "no memory after %d MiB\n", i * 64);
        abort();
    }
#elif defined(WAY_OVERFLOW)
    volatile char first[1] = {0};
    deep(first);
#endif
}

#if defined(AT_LOAD)
__attribute__((constructor)) static void at_load(void) { die(); }
#elif defined(AT_UNLOAD)
__attribute__((destructor)) static void at_unload(void) { die(); }
#elif defined(AT_QUERY)
SM_EXPORT const sm_plugin *sm_plugin_query(const sm_host_info *host, sm_error *error) {
    die();
    return armed(honest_query(host, error));
}
#elif defined(AT_RESOLVE)
static int32_t at_resolve(uint32_t model, const char *json, uint64_t length, const sm_writer *writer, sm_error *error) {
    die();
    return resolve(model, json, length, writer, error);
}
#elif defined(AT_CREATE)
static int32_t at_create(uint32_t model, const sm_host *host, const char *json, uint64_t length, sm_instance **instance,
                         sm_error *error) {
    die();
    return create(model, host, json, length, instance, error);
}
#elif defined(AT_TRAINING) || defined(AT_LOSS)
static int32_t at_training(sm_instance *instance, const sm_batch *batch, double *value, sm_error *error) {
    die();
    return loss(instance, batch, value, error);
}
#elif defined(AT_SCORE)
static int32_t at_score(sm_instance *instance, const sm_batch *batch, uint32_t samples, float *nats, sm_score_result *result,
                        sm_error *error) {
    die();
    return score(instance, batch, samples, nats, result, error);
}
#elif defined(AT_APPEND)
static int32_t at_append(sm_session *session, const int32_t *tokens, uint64_t count, uint32_t which, float *logits, sm_error *error) {
    die();
    return append(session, tokens, count, which, logits, error);
}
#elif defined(AT_DESTROY)
static void at_destroy(sm_instance *instance) {
    if (instance) die();
    destroy(instance);
}
#endif

static void arm(void) {
#if defined(AT_RESOLVE)
    table.resolve = at_resolve;
#elif defined(AT_CREATE)
    table.create = at_create;
#elif defined(AT_TRAINING)
    training.loss_and_gradient = at_training;
#elif defined(AT_LOSS)
    training.loss = at_training;
#elif defined(AT_SCORE)
    scores.score = at_score;
#elif defined(AT_APPEND)
    sessions.append = at_append;
#elif defined(AT_DESTROY)
    table.destroy = at_destroy;
#endif
}
