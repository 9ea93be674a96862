/* network.c: chooses the arithmetic. */
#include "network.h"

/* 2: AVX-512 (x86-64-v4), 1: AVX2 with FMA (x86-64-v3), 0: what every processor has. */
static int processor_level(void) {
#if defined(__x86_64__) && defined(__clang__)
    __builtin_cpu_init();
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma") || !__builtin_cpu_supports("bmi2")) return 0;
    int wide = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
               __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512cd");
    return wide ? 2 : 1;
#else
    return 0;
#endif
}

const network *network_for(uint32_t scalar_type) {
    int is_double = scalar_type == SM_FLOAT64;
#if defined(__x86_64__) && defined(__clang__)
    switch (processor_level()) {
    case 2: return is_double ? &network_double_v4 : &network_float_v4;
    case 1: return is_double ? &network_double_v3 : &network_float_v3;
    default: break;
    }
#else
    (void)processor_level;
#endif
    return is_double ? &network_double_v1 : &network_float_v1;
}
