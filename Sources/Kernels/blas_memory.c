// OpenBLAS's serial build hands out its work buffers without a lock (it is made for one thread in a process): two threads that multiply
// at the same time may be given the same buffer, and both products are wrong. The linker routes its allocator through
// here (--wrap in Package.swift), so that any number of threads may multiply at once.

#include <stdatomic.h>

void *__real_blas_memory_alloc(int position);
void __real_blas_memory_free(void *buffer);

static atomic_flag taken = ATOMIC_FLAG_INIT;

static void take(void) {
    while (atomic_flag_test_and_set_explicit(&taken, memory_order_acquire)) {
    }
}

static void leave(void) { atomic_flag_clear_explicit(&taken, memory_order_release); }

void *__wrap_blas_memory_alloc(int position) {
    take();
    void *buffer = __real_blas_memory_alloc(position);
    leave();
    return buffer;
}

void __wrap_blas_memory_free(void *buffer) {
    take();
    __real_blas_memory_free(buffer);
    leave();
}
