/* batch.c: checks of batches. */
#include "batch.h"

#include "exchange.h"

#include <stddef.h>

int32_t check_symbols(const sm_instance *instance, const int32_t *symbols, uint64_t rows, uint64_t length, int32_t low,
                      const char *what, sm_error *error) {
    for (uint64_t i = 0; i < rows * length; i++)
        if (symbols[i] < low || symbols[i] >= instance->sizes.vocabulary)
            return fail(error, SM_INVALID_ARGUMENT, "%s %d at row %llu, position %llu; allowed: %d to %lld", what, symbols[i],
                        (unsigned long long)(i / length), (unsigned long long)(i % length), low,
                        (long long)instance->sizes.vocabulary - 1);
    return SM_OK;
}

int32_t read_batch(const sm_instance *instance, const sm_batch *given, int needs_targets, sm_batch *batch, sm_error *error) {
    int32_t status = check_bound(instance, error);
    if (status == SM_OK) status = take_over(batch, sizeof *batch, given, "batch", error);
    if (status != SM_OK) return status;
    if (batch->rows == 0 || batch->length == 0)
        return fail(error, SM_INVALID_ARGUMENT, "batch is %u x %llu; both must be at least 1", batch->rows,
                    (unsigned long long)batch->length);
    if (batch->length > INT32_MAX || batch->rows * batch->length > INT32_MAX)
        return fail(error, SM_INVALID_ARGUMENT, "batch is %u x %llu; at most %d tokens", batch->rows,
                    (unsigned long long)batch->length, INT32_MAX);
    if (!batch->tokens || (needs_targets && !batch->targets))
        return fail(error, SM_INVALID_ARGUMENT, "%s of the batch is null", batch->tokens ? "targets" : "tokens");
    status = check_symbols(instance, batch->tokens, batch->rows, batch->length, 0, "token", error);
    if (status == SM_OK && batch->targets)
        status = check_symbols(instance, batch->targets, batch->rows, batch->length, -1, "target", error);
    return status;
}
