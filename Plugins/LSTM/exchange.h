/*
 * exchange.h: how values cross the ABI: errors, and structs whose other side may be older or newer.
 */
#ifndef EXCHANGE_H
#define EXCHANGE_H

#include "sequence_model.h"

/* Fills `error`, which may be null or without room for a message, and returns `code`. */
int32_t fail(sm_error *error, int32_t code, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Fills a caller's struct as far as the caller knows it; its struct_size stays. */
int32_t hand_over(void *target, const void *source, uint32_t known, const char *what, sm_error *error);

/* Copies a caller's struct of any age into zeroed memory; refuses a longer one whose tail says something. */
int32_t take_over(void *target, uint32_t known, const void *source, const char *what, sm_error *error);

#endif
