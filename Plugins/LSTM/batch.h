/* batch.h: a caller's batch, checked before anything is read from it. */
#ifndef BATCH_H
#define BATCH_H

#include "instance.h"

/* Copies the batch as far as its caller knew it. Errors as in sm_train. */
int32_t read_batch(const sm_instance *instance, const sm_batch *given, int needs_targets, sm_batch *batch, sm_error *error);

/* SM_INVALID_ARGUMENT for a symbol of tokens [rows, length] outside low ..< V, with its place. */
int32_t check_symbols(const sm_instance *instance, const int32_t *symbols, uint64_t rows, uint64_t length, int32_t low,
                      const char *what, sm_error *error);

#endif
