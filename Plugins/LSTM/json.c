/* json.c: the strict reader of JSON. */
#include "json.h"

#include <limits.h>
#include <stddef.h>
#include <string.h>

enum { DEEPEST = 64 };

static int take_value(json_text *t, json_value *value, int depth);

const char *json_kind_name(json_kind kind) {
    static const char *const names[] = {"null", "a boolean", "an integer", "a number", "a string", "an array", "an object"};
    return names[kind];
}

static void skip_space(json_text *t) {
    while (t->next < t->end && (*t->next == ' ' || *t->next == '\t' || *t->next == '\r' || *t->next == '\n')) t->next++;
}

int json_at_end(json_text *t) {
    skip_space(t);
    return t->next == t->end;
}

int json_take(json_text *t, char wanted) {
    if (json_at_end(t) || *t->next != wanted) return 0;
    t->next++;
    return 1;
}

static int take_word(json_text *t, const char *word) {
    size_t length = strlen(word);
    if ((size_t)(t->end - t->next) < length || memcmp(t->next, word, length) != 0) return 0;
    t->next += length;
    return 1;
}

/* A character beyond ASCII, whole (RFC 3629): neither overlong nor a surrogate. */
static int take_utf8(json_text *t) {
    const unsigned char *bytes = (const unsigned char *)t->next;
    int count = bytes[0] >= 0xF0 ? 3 : bytes[0] >= 0xE0 ? 2 : 1;
    if (bytes[0] < 0xC2 || bytes[0] > 0xF4 || t->end - t->next <= count) return 0;
    for (int i = 1; i <= count; i++)
        if ((bytes[i] & 0xC0) != 0x80) return 0;
    unsigned first = (unsigned)bytes[0] << 8 | bytes[1];
    if ((first >= 0xE080 && first < 0xE0A0) || (first >= 0xEDA0 && first < 0xEE00)) return 0;
    if ((first >= 0xF080 && first < 0xF090) || first >= 0xF490) return 0;
    t->next += count;
    return 1;
}

static int take_string(json_text *t) {
    for (t->next++; t->next < t->end; t->next++) {
        unsigned char character = (unsigned char)*t->next;
        if (character == '"') {
            t->next++;
            return 1;
        }
        if (character < 0x20 || (character >= 0x80 && !take_utf8(t))) return 0;
        if (character != '\\') continue;
        if (++t->next == t->end || !*t->next || !strchr("\"\\/bfnrtu", *t->next)) return 0;
        if (*t->next != 'u') continue;
        for (int i = 0; i < 4; i++)
            if (++t->next == t->end || !*t->next || !strchr("0123456789abcdefABCDEF", *t->next)) return 0;
    }
    return 0;
}

static int take_digits(json_text *t) {
    const char *begin = t->next;
    while (t->next < t->end && *t->next >= '0' && *t->next <= '9') t->next++;
    return (int)(t->next - begin);
}

/* An integer beyond 18 digits is a number that is not one of ours. */
static int take_number(json_text *t, json_value *value) {
    int negative = *t->next == '-';
    if (negative) t->next++;
    const char *digits = t->next;
    int count = take_digits(t);
    if (count == 0 || (*digits == '0' && count > 1)) return 0;
    value->kind = count <= 18 ? JSON_INTEGER : JSON_NUMBER;
    value->integer = 0;
    for (int i = 0; i < count && count <= 18; i++) value->integer = value->integer * 10 + (digits[i] - '0');
    if (negative) value->integer = -value->integer;
    if (t->next < t->end && *t->next == '.') {
        value->kind = JSON_NUMBER;
        t->next++;
        if (take_digits(t) == 0) return 0;
    }
    if (t->next < t->end && (*t->next == 'e' || *t->next == 'E')) {
        value->kind = JSON_NUMBER;
        t->next++;
        if (t->next < t->end && (*t->next == '+' || *t->next == '-')) t->next++;
        if (take_digits(t) == 0) return 0;
    }
    return 1;
}

/* After the opening bracket: values, with keys in an object, up to the closing one. */
static int take_items(json_text *t, char closing, int depth) {
    json_value ignored;
    if (depth == DEEPEST) return 0;
    if (json_take(t, closing)) return 1;
    do {
        if (closing == '}') {
            skip_space(t);
            if (t->next == t->end || *t->next != '"' || !take_string(t) || !json_take(t, ':')) return 0;
        }
        if (!take_value(t, &ignored, depth + 1)) return 0;
    } while (json_take(t, ','));
    return json_take(t, closing);
}

static int take_value(json_text *t, json_value *value, int depth) {
    if (json_at_end(t)) return 0;
    *value = (json_value){JSON_NULL, 0, t->next, 0};
    int whole;
    switch (*t->next) {
    case '{':
    case '[':
        value->kind = *t->next == '{' ? JSON_OBJECT : JSON_ARRAY;
        t->next++;
        whole = take_items(t, value->kind == JSON_OBJECT ? '}' : ']', depth);
        break;
    case '"':
        value->kind = JSON_STRING;
        whole = take_string(t);
        break;
    case 't':
    case 'f':
        value->kind = JSON_BOOLEAN;
        value->integer = *t->next == 't';
        whole = take_word(t, value->integer ? "true" : "false");
        break;
    case 'n': whole = take_word(t, "null"); break;
    default: whole = (*t->next == '-' || (*t->next >= '0' && *t->next <= '9')) && take_number(t, value);
    }
    ptrdiff_t length = t->next - value->text;
    value->length = length > INT_MAX ? INT_MAX : (int)length;
    return whole;
}

int json_take_value(json_text *t, json_value *value) { return take_value(t, value, 0); }
