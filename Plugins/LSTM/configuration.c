/* configuration.c: keys as in Hugging Face's config.json. */
#include "configuration.h"

#include "exchange.h"
#include "json.h"
#include "nearest_name.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

enum { KEYS = 5 };

static const struct key {
    const char *name;
    size_t place; /* in a configuration */
    int64_t low, high;
    json_kind kind;
} keys[KEYS] = {
    {"vocab_size", offsetof(configuration, vocabulary), 1, LARGEST_VOCABULARY, JSON_INTEGER},
    {"hidden_size", offsetof(configuration, hidden), 1, LARGEST_WIDTH, JSON_INTEGER},
    {"embedding_size", offsetof(configuration, embedding), 0, LARGEST_WIDTH, JSON_INTEGER},
    {"num_hidden_layers", offsetof(configuration, layers), 1, MOST_LAYERS, JSON_INTEGER},
    {"tie_word_embeddings", offsetof(configuration, tied), 0, 1, JSON_BOOLEAN},
};
static const char *const key_names[KEYS] = {keys[0].name, keys[1].name, keys[2].name, keys[3].name, keys[4].name};

/* What a config.json says about training, tokenizers and files: none of it is a model's. */
static const char *const passed_over[] = {
    "_name_or_path", "architectures", "auto_map",     "bos_token_id", "dtype",                "eos_token_id",
    "initializer_range", "pad_token_id", "torch_dtype", "transformers_version", "use_cache"};

#define SCHEMA(id)                                                                                                        \
    "{\"type\":\"object\",\"title\":\"" id "\",\"properties\":{"                                                          \
    "\"vocab_size\":{\"type\":\"integer\",\"default\":256,\"minimum\":1,\"maximum\":16777216},"                           \
    "\"hidden_size\":{\"type\":\"integer\",\"default\":256,\"minimum\":1,\"maximum\":65536},"                             \
    "\"embedding_size\":{\"type\":\"integer\",\"default\":0,\"minimum\":0,\"maximum\":65536,"                             \
    "\"description\":\"width of the first layer's input; 0: hidden_size\"},"                                              \
    "\"num_hidden_layers\":{\"type\":\"integer\",\"default\":2,\"minimum\":1,\"maximum\":1024},"                          \
    "\"tie_word_embeddings\":{\"type\":\"boolean\",\"default\":false}},"                                                  \
    "\"additionalProperties\":false,\"model_types\":[\"" id "\"]}"

const char *configuration_schema(architecture model) { return model == LSTM ? SCHEMA("lstm") : SCHEMA("gru"); }

const char *architecture_id(architecture model) { return model == LSTM ? "lstm" : "gru"; }

int64_t gate_count(architecture model) { return model == LSTM ? 4 : 3; }

static int same(const char *name, const char *text, int length) {
    return (int)strlen(name) == length && memcmp(name, text, (size_t)length) == 0;
}

/* What stands in a message is cut, at a character: a value may be a megabyte. */
static int shown(const char *text, int length) {
    if (length <= 80) return length;
    for (length = 80; length > 0 && ((unsigned char)text[length] & 0xC0) == 0x80;) length--;
    return length;
}

static int32_t set(configuration *c, const struct key *key, const json_value *value, sm_error *error) {
    if (value->kind != key->kind)
        return fail(error, SM_INVALID_ARGUMENT, "%s is %.*s (%s); expected: %s", key->name,
                    shown(value->text, value->length), value->text, json_kind_name(value->kind), json_kind_name(key->kind));
    if (value->integer < key->low || value->integer > key->high)
        return fail(error, SM_INVALID_ARGUMENT, "%s is %lld; allowed: an integer from %lld to %lld", key->name,
                    (long long)value->integer, (long long)key->low, (long long)key->high);
    memcpy((char *)c + key->place, &value->integer, sizeof value->integer);
    return SM_OK;
}

static int32_t set_named(architecture model, configuration *c, const char *name, int length, const json_value *value,
                         sm_error *error) {
    for (int i = 0; i < KEYS; i++)
        if (same(keys[i].name, name, length)) return set(c, &keys[i], value, error);
    if (same("model_type", name, length)) {
        const char *id = architecture_id(model);
        if (value->kind == JSON_STRING && same(id, value->text + 1, value->length - 2)) return SM_OK;
        return fail(error, SM_INVALID_ARGUMENT, "model_type is %.*s; allowed: \"%s\"", shown(value->text, value->length),
                    value->text, id);
    }
    for (size_t i = 0; i < sizeof passed_over / sizeof *passed_over; i++)
        if (same(passed_over[i], name, length)) return SM_OK;
    const char *meant = nearest_name(name, length, key_names, KEYS);
    if (meant)
        return fail(error, SM_INVALID_ARGUMENT, "unknown key \"%.*s\"; did you mean \"%s\"?", shown(name, length), name,
                    meant);
    return fail(error, SM_INVALID_ARGUMENT,
                "unknown key \"%.*s\"; known keys: vocab_size, hidden_size, embedding_size, num_hidden_layers, "
                "tie_word_embeddings",
                shown(name, length), name);
}

int32_t read_configuration(architecture model, const char *json, uint64_t length, configuration *c, sm_error *error) {
    static const char malformed[] = "the configuration is not a JSON object";
    if (!json) return fail(error, SM_INVALID_ARGUMENT, "json is null");
    if (length > PTRDIFF_MAX) return fail(error, SM_INVALID_ARGUMENT, "json has an impossible length");
    *c = (configuration){.vocabulary = 256, .hidden = 256, .embedding = 0, .layers = 2, .tied = 0};
    json_text text = {json, json + length};
    if (!json_take(&text, '{')) return fail(error, SM_INVALID_ARGUMENT, malformed);
    if (!json_take(&text, '}')) {
        do {
            json_value key, value;
            if (!json_take_value(&text, &key) || key.kind != JSON_STRING || !json_take(&text, ':') ||
                !json_take_value(&text, &value))
                return fail(error, SM_INVALID_ARGUMENT, malformed);
            int32_t status = set_named(model, c, key.text + 1, key.length - 2, &value, error);
            if (status != SM_OK) return status;
        } while (json_take(&text, ','));
        if (!json_take(&text, '}')) return fail(error, SM_INVALID_ARGUMENT, malformed);
    }
    if (!json_at_end(&text)) return fail(error, SM_INVALID_ARGUMENT, malformed);
    if (c->embedding == 0) c->embedding = c->hidden;
    if (c->tied && c->embedding != c->hidden)
        return fail(error, SM_INVALID_ARGUMENT,
                    "embedding_size is %lld; allowed: hidden_size (%lld), since tie_word_embeddings is true",
                    (long long)c->embedding, (long long)c->hidden);
    return SM_OK;
}

int32_t write_configuration(const configuration *c, const sm_writer *writer) {
    char json[256];
    int length = snprintf(json, sizeof json,
                          "{\"vocab_size\":%lld,\"hidden_size\":%lld,\"embedding_size\":%lld,\"num_hidden_layers\":%lld,"
                          "\"tie_word_embeddings\":%s}",
                          (long long)c->vocabulary, (long long)c->hidden, (long long)c->embedding, (long long)c->layers,
                          c->tied ? "true" : "false");
    return writer->write(writer->context, json, (uint64_t)length);
}
