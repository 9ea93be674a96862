// What the kernels run on.
#define TOPIC "topics/none.h"
#include "levels.h"

char *openblas_get_corename(void);

const char *zk_blas_core(void) { return openblas_get_corename(); }

const char *zk_vector_level(void) {
#if defined(__x86_64__)
    static const char *const names[3] = {"baseline", "avx2", "avx512"};
    return names[vector_level()];
#else
    return "baseline";
#endif
}
