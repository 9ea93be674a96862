/*
 * bigram_configuration.h: the configuration of bigram.c: reads it, completes it, proposes one for a budget. Also how this plugin reports
 * errors and exchanges structs that may grow.
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

/* A size beyond this is not a struct but garbage, whose tail must not be looked at. */
#define LARGEST_STRUCT 4096

/* Reads a struct of the caller as far as the caller knew it; the rest is zero. A longer one may hold nothing that is not known here. */
static int32_t take_over(void *target, uint32_t known, const void *source, const char *what, sm_error *error) {
    uint32_t size;
    if (!source) return fail(error, SM_INVALID_ARGUMENT, "%s is null", what);
    memcpy(&size, source, sizeof size);
    if (size < sizeof size || size > LARGEST_STRUCT)
        return fail(error, SM_INVALID_ARGUMENT, "%s has a struct_size of %u; allowed: 4 to %d", what, size, LARGEST_STRUCT);
    for (uint32_t i = known; i < size; i++)
        if (((const char *)source)[i]) return fail(error, SM_INVALID_ARGUMENT, "%s has a field that this plugin does not know", what);
    memset(target, 0, known);
    memcpy(target, source, size < known ? size : known);
    return SM_OK;
}

/* Fills a struct of the caller as far as the caller knows it. Its struct_size stays. */
static int32_t hand_over(void *target, const void *source, uint32_t known, const char *what, sm_error *error) {
    uint32_t size;
    if (!target) return fail(error, SM_INVALID_ARGUMENT, "%s is null", what);
    memcpy(&size, target, sizeof size);
    if (size < sizeof size) return fail(error, SM_INVALID_ARGUMENT, "%s has a struct_size of %u; at least 4 is needed", what, size);
    memcpy((char *)target + sizeof size, (const char *)source + sizeof size, (size < known ? size : known) - sizeof size);
    return SM_OK;
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

/* Whether the text is UTF-8: what is not cannot be shown in a message. */
static int is_utf8(const char *text, uint64_t length) {
    for (uint64_t i = 0; i < length;) {
        unsigned char first = (unsigned char)text[i++];
        int more = first < 0x80 ? 0 : first >= 0xC2 && first < 0xE0 ? 1 : first >= 0xE0 && first < 0xF0 ? 2 : first >= 0xF0 && first < 0xF5 ? 3 : -1;
        if (more < 0) return 0;
        for (int k = 0; k < more; k++, i++) {
            if (i >= length || ((unsigned char)text[i] & 0xC0) != 0x80) return 0;
            unsigned char second = (unsigned char)text[i];
            /* Overlong forms, surrogates, and what lies beyond Unicode. */
            if (k == 0 && ((first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F) || (first == 0xF0 && second < 0x90) ||
                           (first == 0xF4 && second > 0x8F)))
                return 0;
        }
    }
    return 1;
}

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
        /* Beyond this it is out of every range, however it goes on. */
        if (*value < 1000000000000) *value = *value * 10 + (*t->next - '0');
        t->next++;
    }
    if (negative) *value = -*value;
    return t->next > begin && (t->next == t->end || strchr(" \t\r\n,}", *t->next) != NULL);
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
    if (!is_utf8(json, length)) return fail(error, SM_INVALID_ARGUMENT, "the configuration is not UTF-8");
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
static int32_t propose(uint32_t model, const sm_budget *given, const sm_writer *writer, sm_error *error) {
    sm_budget budget;
    if (model != 0) return fail(error, SM_NOT_FOUND, "there is no model %u", model);
    int32_t status = take_over(&budget, sizeof budget, given, "budget", error);
    if (status != SM_OK) return status;
    double vocabulary = budget.alphabet, wanted = (double)budget.parameters;
    if (vocabulary < 2 || vocabulary > LARGEST_VOCABULARY)
        return fail(error, SM_INVALID_ARGUMENT, "alphabet is %u; allowed: 2 to %d", budget.alphabet, LARGEST_VOCABULARY);
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
