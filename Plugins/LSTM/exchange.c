/* exchange.c: errors and sized structs. */
#include "exchange.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* A size beyond this is not a struct but garbage, whose tail must not be looked at. */
enum { LARGEST_STRUCT = 4096 };

int32_t fail(sm_error *error, int32_t code, const char *format, ...) {
    if (!error || error->struct_size < sizeof *error) return code;
    error->code = code;
    error->flags = 0;
    error->message_length = 0;
    if (!error->message || error->message_capacity == 0) return code;
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(error->message, error->message_capacity, format, arguments);
    va_end(arguments);
    if (length < 0) length = 0;
    if ((uint32_t)length >= error->message_capacity) {
        length = (int)error->message_capacity - 1;
        /* Cut at a character: continuation bytes are 10xxxxxx. */
        while (length > 0 && ((unsigned char)error->message[length] & 0xC0) == 0x80) length--;
        error->message[length] = 0;
    }
    error->message_length = (uint32_t)length;
    return code;
}

static int32_t size_of(const void *given, const char *what, uint32_t *size, sm_error *error) {
    if (!given) return fail(error, SM_INVALID_ARGUMENT, "%s is null", what);
    memcpy(size, given, sizeof *size);
    if (*size >= sizeof *size && *size <= LARGEST_STRUCT) return SM_OK;
    return fail(error, SM_INVALID_ARGUMENT, "struct_size of %s is %u; allowed: 4 to %d", what, *size, LARGEST_STRUCT);
}

int32_t hand_over(void *target, const void *source, uint32_t known, const char *what, sm_error *error) {
    uint32_t size;
    int32_t status = size_of(target, what, &size, error);
    if (status != SM_OK) return status;
    size_t field = sizeof size; /* struct_size itself */
    memcpy((char *)target + field, (const char *)source + field, (size < known ? size : known) - field);
    return SM_OK;
}

int32_t take_over(void *target, uint32_t known, const void *source, const char *what, sm_error *error) {
    uint32_t size;
    int32_t status = size_of(source, what, &size, error);
    if (status != SM_OK) return status;
    for (uint32_t i = known; i < size; i++)
        if (((const char *)source)[i])
            return fail(error, SM_INVALID_ARGUMENT, "%s has %u bytes with a value at offset %u; this plugin knows %u", what,
                        size, i, known);
    memset(target, 0, known);
    memcpy(target, source, size < known ? size : known);
    return SM_OK;
}
