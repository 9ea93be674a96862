/* state_file.c: saving and checking states. Checksums guard against accidents; they are no seal. */
#include "state_file.h"

#include "exchange.h"

#include <stddef.h>
#include <string.h>

enum { VERSION = 1, SAMPLES = 61 };
static const char magic[8] = {'R', 'N', 'N', 'S', 'T', 'A', 'T', 'E'};

uint64_t state_size(const sm_instance *instance, uint32_t rows) {
    uint64_t parts = instance->model == LSTM ? 2 : 1;
    return parts * (uint64_t)instance->sizes.layers * rows * (uint64_t)instance->sizes.hidden * scalar_bytes(instance);
}

/* FNV-1a (Fowler, Noll, Vo). */
static uint64_t hash(uint64_t seed, const void *bytes, uint64_t count) {
    uint64_t value = seed ^ 0xCBF29CE484222325u;
    for (uint64_t i = 0; i < count; i++) value = (value ^ ((const unsigned char *)bytes)[i]) * 0x00000100000001B3u;
    return value ^ value >> 29;
}

static uint64_t model_hash(const sm_instance *instance) {
    uint32_t kind[2] = {(uint32_t)instance->model, instance->scalar_type};
    return hash(hash(0, kind, sizeof kind), &instance->sizes, sizeof instance->sizes);
}

/* Of some values of each parameter: enough to notice that a state meets other weights. */
static uint64_t parameter_hash(const sm_instance *instance) {
    uint64_t value = 0, size = scalar_bytes(instance);
    for (uint64_t index = 0; index < instance->count; index++) {
        const parameter_entry *entry = &instance->entries[index];
        uint64_t count = (uint64_t)entry->shape[0] * (entry->rank == 2 ? (uint64_t)entry->shape[1] : 1);
        uint64_t stride = count / SAMPLES > 1 ? count / SAMPLES : 1;
        for (uint64_t i = 0; i < count; i += stride) value = hash(value, (const char *)entry->values + i * size, size);
    }
    return value;
}

int32_t write_state(const sm_session *session, const sm_writer *writer) {
    uint64_t length = state_size(session->instance, session->rows);
    state_header header = {.version = VERSION,
                           .rows = session->rows,
                           .position = session->position,
                           .model = model_hash(session->instance),
                           .parameters = parameter_hash(session->instance),
                           .length = length,
                           .check = hash(0, session->state, length)};
    memcpy(header.magic, magic, sizeof magic);
    header.header_check = hash(0, &header, offsetof(state_header, header_check));
    int32_t status = writer->write(writer->context, &header, sizeof header);
    return status != SM_OK ? status : writer->write(writer->context, session->state, length);
}

static int read_whole(const sm_reader *reader, void *target, uint64_t count) {
    while (count > 0) {
        int64_t got = reader->read(reader->context, target, count);
        if (got <= 0 || (uint64_t)got > count) return 0;
        target = (char *)target + got;
        count -= (uint64_t)got;
    }
    return 1;
}

int32_t read_header(const sm_instance *instance, const sm_reader *reader, state_header *header, sm_error *error) {
    if (!read_whole(reader, header, sizeof *header) || memcmp(header->magic, magic, sizeof magic) != 0)
        return fail(error, SM_DATA_LOSS, "the saved state does not begin as one, or is cut short");
    if (header->version != VERSION)
        return fail(error, SM_DATA_LOSS, "the saved state has format %u; known: %d", header->version, VERSION);
    if (header->header_check != hash(0, header, offsetof(state_header, header_check)))
        return fail(error, SM_DATA_LOSS, "the saved state's header is damaged");
    if (header->model != model_hash(instance))
        return fail(error, SM_DATA_LOSS, "the saved state is of another model or configuration");
    if (header->parameters != parameter_hash(instance))
        return fail(error, SM_DATA_LOSS, "the saved state was made with other parameter values");
    if (header->rows == 0 || header->length != state_size(instance, header->rows) || header->position > INT64_MAX)
        return fail(error, SM_DATA_LOSS, "the saved state has an impossible size");
    return SM_OK;
}

int32_t read_state(sm_session *session, const sm_reader *reader, const state_header *header, sm_error *error) {
    char extra;
    if (!read_whole(reader, session->state, header->length)) return fail(error, SM_DATA_LOSS, "the saved state is cut short");
    if (header->check != hash(0, session->state, header->length))
        return fail(error, SM_DATA_LOSS, "the saved state is damaged");
    if (reader->read(reader->context, &extra, 1) != 0)
        return fail(error, SM_DATA_LOSS, "the saved state is longer than it should be");
    return SM_OK;
}
