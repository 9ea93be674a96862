/*
 * json.h: a strict reader of JSON (RFC 8259) that goes through a text once, allocates nothing and says what it met.
 */
#ifndef JSON_H
#define JSON_H

#include <stdint.h>

typedef enum json_kind { JSON_NULL, JSON_BOOLEAN, JSON_INTEGER, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT } json_kind;

typedef struct json_text {
    const char *next;
    const char *end;
} json_text;

/* A value and where it stands: `text` is not ended by a zero byte; of a string it holds the quotes too. */
typedef struct json_value {
    json_kind kind;
    int64_t integer; /* of JSON_INTEGER, and 0 or 1 of JSON_BOOLEAN */
    const char *text;
    int length;
} json_value;

/* "an integer", "an array", … */
const char *json_kind_name(json_kind kind);

/* Takes `wanted` after white space. Returns 1 when it was there. */
int json_take(json_text *text, char wanted);

/* Takes one value whole, arrays and objects with what is in them (to a depth of 64). Returns 0 for what is not JSON. */
int json_take_value(json_text *text, json_value *value);

/* 1 when nothing but white space is left. */
int json_at_end(json_text *text);

#endif
