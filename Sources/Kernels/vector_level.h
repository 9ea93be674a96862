// What this processor can do.
#ifndef VECTOR_LEVEL_H
#define VECTOR_LEVEL_H

#if defined(__x86_64__)
/// 2 = AVX-512 (x86-64-v4), 1 = AVX2 and FMA (x86-64-v3), 0 = SSE2. Safe in an indirect-function resolver.
/// -DKERNELS_LEVEL=0 holds it down, to test what this machine would not choose.
static inline __attribute__((unused)) int vector_level(void) {
#ifdef KERNELS_LEVEL
    return KERNELS_LEVEL;
#endif
    __builtin_cpu_init();
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma") || !__builtin_cpu_supports("bmi2")) return 0;
    int wide = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
        && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512cd");
    return wide ? 2 : 1;
}
#endif

#endif
