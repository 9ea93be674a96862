/* A plugin that does something when it is loaded, before anybody asked. -DCRASH, -DHANG, -DEXIT or -DNOTHING. */
#include "bigram.c"

#include <unistd.h>

__attribute__((constructor)) static void at_load(void) {
#if defined(CRASH)
    *(volatile int *)16 = 1;
#elif defined(HANG)
    for (;;) pause();
#elif defined(EXIT)
    exit(0);
#endif
}
