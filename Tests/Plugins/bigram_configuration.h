/*
 * bigram_configuration.h: the configuration of bigram.c: reads it, completes it, proposes one for a budget. Also how this plugin reports errors.
 */
#ifndef BIGRAM_CONFIGURATION_H
#define BIGRAM_CONFIGURATION_H

#include "sequence_model.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define LARGEST_VOCABULARY 65536
#define LARGEST_WIDTH 65536

/* Fills `error`, which may be null or without room for a message, and returns `code`. */
static int32_t fail(sm_error *error, int32_t code, const char *format, ...) {
    if (!error) return code;
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

typedef struct configuration {
    uint32_t vocabulary;
    uint32_t width;
} configuration;

static const char schema[] =
    "{\"type\":\"object\",\"properties\":{"
    "\"vocab_size\":{\"type\":\"integer\",\"default\":256,\"minimum\":2,\"maximum\":65536},"
    "\"hidden_size\":{\"type\":\"integer\",\"default\":16,\"minimum\":1,\"maximum\":65536}}}";

typedef struct text {
    const char *next;
    const char *end;
} text;

static void skip_space(text *t) {
    while (t->next < t->end && strchr(" \t\r\n", *t->next) && *t->next) t->next++;
}

static int take(text *t, char wanted) {
    skip_space(t);
    if (t->next == t->end || *t->next != wanted) return 0;
    t->next++;
    return 1;
}

/* A key without escapes, which no known key needs. Returns its length, -1 when there is none. */
static int take_key(text *t, const char **key) {
    if (!take(t, '"')) return -1;
    *key = t->next;
    while (t->next < t->end && *t->next != '"') t->next++;
    if (t->next == t->end) return -1;
    int length = (int)(t->next - *key);
    t->next++;
    return length;
}

static int take_integer(text *t, int64_t *value) {
    skip_space(t);
    int negative = t->next < t->end && *t->next == '-';
    if (negative) t->next++;
    const char *begin = t->next;
    *value = 0;
    while (t->next < t->end && *t->next >= '0' && *t->next <= '9') {
        if (*value > 1000000000000) return 0;
        *value = *value * 10 + (*t->next++ - '0');
    }
    if (negative) *value = -*value;
    return t->next > begin;
}

static int32_t set_key(configuration *c, const char *key, int length, int64_t value, sm_error *error) {
    struct {
        const char *name;
        uint32_t *target;
        int64_t low, high;
    } known[] = {{"vocab_size", &c->vocabulary, 2, LARGEST_VOCABULARY}, {"hidden_size", &c->width, 1, LARGEST_WIDTH}};
    for (int i = 0; i < 2; i++) {
        if ((int)strlen(known[i].name) != length || memcmp(known[i].name, key, (size_t)length) != 0) continue;
        if (value < known[i].low || value > known[i].high)
            return fail(error, SM_INVALID_ARGUMENT, "%s is %lld; allowed: %lld to %lld", known[i].name, (long long)value,
                        (long long)known[i].low, (long long)known[i].high);
        *known[i].target = (uint32_t)value;
        return SM_OK;
    }
    /* With two keys the first letter tells which was meant. */
    for (int i = 0; i < 2; i++)
        if (length > 0 && key[0] == known[i].name[0])
            return fail(error, SM_INVALID_ARGUMENT, "unknown key \"%.*s\"; did you mean \"%s\"?", length, key, known[i].name);
    return fail(error, SM_INVALID_ARGUMENT, "unknown key \"%.*s\"; known: vocab_size, hidden_size", length, key);
}

static int32_t parse(const char *json, uint64_t length, configuration *c, sm_error *error) {
    *c = (configuration){256, 16};
    text t = {json, json + length};
    const char *malformed = "the configuration is not a JSON object of integers";
    if (!take(&t, '{')) return fail(error, SM_INVALID_ARGUMENT, "%s", malformed);
    if (!take(&t, '}')) {
        do {
            const char *key;
            int64_t value;
            int key_length = take_key(&t, &key);
            if (key_length < 0 || !take(&t, ':')) return fail(error, SM_INVALID_ARGUMENT, "%s", malformed);
            if (!take_integer(&t, &value))
                return fail(error, SM_INVALID_ARGUMENT, "%.*s is not an integer", key_length, key);
            int32_t status = set_key(c, key, key_length, value, error);
            if (status != SM_OK) return status;
        } while (take(&t, ','));
        if (!take(&t, '}')) return fail(error, SM_INVALID_ARGUMENT, "%s", malformed);
    }
    skip_space(&t);
    return t.next == t.end ? SM_OK : fail(error, SM_INVALID_ARGUMENT, "%s", malformed);
}

static int32_t write_configuration(const configuration *c, const sm_writer *writer) {
    char json[96];
    int length = snprintf(json, sizeof json, "{\"vocab_size\":%u,\"hidden_size\":%u}", c->vocabulary, c->width);
    return writer->write(writer->context, json, (uint64_t)length);
}

static int32_t resolve(uint32_t model, const char *json, uint64_t length, const sm_writer *writer, sm_error *error) {
    configuration c;
    if (model != 0) return fail(error, SM_NOT_FOUND, "there is no model %u", model);
    int32_t status = parse(json, length, &c, error);
    return status == SM_OK ? write_configuration(&c, writer) : status;
}

/* Parameters: V R + R V + V. */
static int32_t propose(uint32_t model, const sm_budget *budget, const sm_writer *writer, sm_error *error) {
    if (model != 0) return fail(error, SM_NOT_FOUND, "there is no model %u", model);
    double vocabulary = budget->alphabet, wanted = (double)budget->parameters;
    if (vocabulary < 2 || vocabulary > LARGEST_VOCABULARY)
        return fail(error, SM_INVALID_ARGUMENT, "alphabet is %u; allowed: 2 to %d", budget->alphabet, LARGEST_VOCABULARY);
    double width = floor((wanted - vocabulary) / (2 * vocabulary) + 0.5);
    if (width < 1) width = 1;
    if (width > LARGEST_WIDTH) width = LARGEST_WIDTH;
    double got = 2 * vocabulary * width + vocabulary;
    if (fabs(got - wanted) > 0.05 * wanted)
        return fail(error, SM_INVALID_ARGUMENT, "no configuration has %.0f parameters; the nearest has %.0f, possible: %.0f to %.0f",
                    wanted, got, 3 * vocabulary, 2 * vocabulary * LARGEST_WIDTH + vocabulary);
    configuration c = {(uint32_t)vocabulary, (uint32_t)width};
    return write_configuration(&c, writer);
}

#endif
