/*
 * manners.c: what it does to its process. Each fault happens when an instance is made and at each score, so that it is there whatever
 * the host looks at; with -DAT_LOAD when the file is loaded.
 */
#include <dirent.h>
#include <fcntl.h>
#include <fenv.h>
#include <locale.h>
#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "honest.h"

static void *wait_for_ever(void *argument) {
    for (;;) pause();
    return argument;
}

static void misbehave(void) {
#if defined(FAULT_ROUNDING)
    fesetround(FE_UPWARD);
#elif defined(FAULT_FLUSHES)
#if defined(__x86_64__)
    unsigned mode;
    __asm__ volatile("stmxcsr %0" : "=m"(mode));
    mode |= 0x8040; /* FTZ and DAZ */
    __asm__ volatile("ldmxcsr %0" : : "m"(mode));
#elif defined(__aarch64__)
    uint64_t mode;
    __asm__ volatile("mrs %0, fpcr" : "=r"(mode));
    __asm__ volatile("msr fpcr, %0" : : "r"(mode | 1u << 24));
#endif
#elif defined(FAULT_TRAPS)
    feenableexcept(FE_DIVBYZERO | FE_OVERFLOW);
#elif defined(FAULT_FOLDER)
    if (chdir("/") != 0) abort();
#elif defined(FAULT_UMASK)
    umask(0);
#elif defined(FAULT_LOCALE)
    setlocale(LC_ALL, setlocale(LC_ALL, "C.UTF-8") ? "C.UTF-8" : "");
#elif defined(FAULT_ENVIRONMENT)
    setenv("HOSTILE", "was here", 1);
#elif defined(FAULT_SIGNALS)
    signal(SIGUSR1, SIG_IGN);
    signal(SIGSEGV, SIG_IGN);
#elif defined(FAULT_SIGNAL_MASK)
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, NULL);
#elif defined(FAULT_OPENS)
    if (open("/dev/null", O_RDONLY) < 0) abort();
#elif defined(FAULT_CLOSES)
    close(0);
#elif defined(FAULT_PRINTS)
    printf("hello from a plugin\n");
    fflush(stdout);
#elif defined(FAULT_STARTS_THREAD)
    pthread_t thread;
    pthread_create(&thread, NULL, wait_for_ever, NULL);
#endif
    UNUSED(wait_for_ever);
}

#if defined(AT_LOAD)
__attribute__((constructor)) static void at_load(void) { misbehave(); }
static void arm(void) {}
#else
static int32_t rude_create(uint32_t model, const sm_host *host, const char *json, uint64_t length, sm_instance **instance,
                           sm_error *error) {
    misbehave();
    return create(model, host, json, length, instance, error);
}

static int32_t rude_score(sm_instance *instance, const sm_batch *batch, uint32_t samples, float *nats, sm_score_result *result,
                          sm_error *error) {
    misbehave();
    return score(instance, batch, samples, nats, result, error);
}

static void arm(void) {
    table.create = rude_create;
    scores.score = rude_score;
}
#endif
