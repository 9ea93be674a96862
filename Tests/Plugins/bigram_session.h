/*
 * bigram_session.h: sm.session/1 of bigram.c. The state is the last symbol of each row.
 */
#ifndef BIGRAM_SESSION_H
#define BIGRAM_SESSION_H

#include "bigram_model.h"

struct sm_session {
    sm_instance *instance;
    uint32_t rows;
    uint64_t position;
    int32_t *last; /* [B]; -1 before the first token */
};

static int32_t open_session(sm_instance *instance, uint32_t rows, sm_session **session, sm_error *error) {
    if (!instance->is_bound) return fail(error, SM_FAILED_PRECONDITION, "the model has no parameters yet: bind comes first");
    if (rows == 0) return fail(error, SM_INVALID_ARGUMENT, "a session of 0 rows; at least 1 is needed");
    sm_session *made = calloc(1, sizeof *made);
    int32_t *last = malloc(rows * sizeof *last);
    if (!made || !last) {
        free(made);
        free(last);
        return fail(error, SM_RESOURCE_EXHAUSTED, "no memory for a session");
    }
    for (uint32_t row = 0; row < rows; row++) last[row] = -1;
    *made = (sm_session){instance, rows, 0, last};
    *session = made;
    return SM_OK;
}

static void close_session(sm_session *session) {
    if (session) free(session->last);
    free(session);
}

static int32_t append(sm_session *session, const int32_t *tokens, uint64_t count, uint32_t which, float *logits,
                      sm_error *error) {
    const sm_instance *instance = session->instance;
    if (!tokens || count == 0) return fail(error, SM_INVALID_ARGUMENT, "append of no tokens");
    if (which > SM_LOGITS_ALL || (which != SM_LOGITS_NONE && !logits))
        return fail(error, SM_INVALID_ARGUMENT, "logits asked for (%u) without room for them", which);
    for (uint64_t i = 0; i < session->rows * count; i++)
        if (tokens[i] < 0 || tokens[i] >= (int64_t)instance->vocabulary)
            return fail(error, SM_INVALID_ARGUMENT, "token %d at row %llu, position %llu; allowed: 0 to %u", tokens[i],
                        (unsigned long long)(i / count), (unsigned long long)(i % count), instance->vocabulary - 1);
    for (uint32_t row = 0; row < session->rows; row++) {
        const int32_t *own = tokens + row * count;
        session->last[row] = own[count - 1];
        if (which == SM_LOGITS_LAST) logits_after(instance, own[count - 1], logits + (size_t)row * instance->vocabulary);
        if (which == SM_LOGITS_ALL)
            for (uint64_t i = 0; i < count; i++)
                logits_after(instance, own[i], logits + (row * count + i) * instance->vocabulary);
    }
    session->position += count;
    return SM_OK;
}

static uint64_t position(sm_session *session) { return session->position; }

static int32_t fork_session(sm_session *session, sm_session **copy, sm_error *error) {
    int32_t status = open_session(session->instance, session->rows, copy, error);
    if (status != SM_OK) return status;
    (*copy)->position = session->position;
    memcpy((*copy)->last, session->last, session->rows * sizeof *session->last);
    return SM_OK;
}

static int32_t rewind_session(sm_session *session, uint64_t position, sm_error *error) {
    if (position == session->position) return SM_OK;
    return fail(error, SM_UNIMPLEMENTED, "the state keeps the last symbol only and cannot go back");
}

static uint64_t state_bytes(sm_session *session) { return session->rows * sizeof *session->last; }

/* What a saved state begins with. */
typedef struct state_header {
    uint64_t kind; /* whose state it is, and in which layout */
    uint32_t vocabulary;
    uint32_t width;
    uint32_t rows;
    uint32_t check; /* of the rest of the header and of `last` */
    uint64_t position;
    uint64_t parameters; /* which ones were bound */
} state_header;

/* FNV-1a, continued from `sum`. */
static uint64_t hash(uint64_t sum, const void *bytes, size_t count) {
    for (const unsigned char *next = bytes; count > 0; count--, next++) sum = (sum ^ *next) * 1099511628211u;
    return sum;
}

static const uint64_t hash_of_nothing = 14695981039346656037u;

/* A state goes on only with the parameters that it was made with. */
static uint64_t fingerprint(const sm_instance *instance) {
    size_t weights = (size_t)instance->vocabulary * instance->width * sizeof(float);
    uint64_t sum = hash(hash_of_nothing, instance->parameters[EMBEDDING], weights);
    sum = hash(sum, instance->parameters[OUTPUT], weights);
    return hash(sum, instance->parameters[BIAS], instance->vocabulary * sizeof(float));
}

static uint32_t check_of(state_header header, const int32_t *last) {
    header.check = 0;
    uint64_t sum = hash(hash(hash_of_nothing, &header, sizeof header), last, header.rows * sizeof *last);
    return (uint32_t)(sum ^ sum >> 32);
}

/* Of the name of this layout: change the number when the layout changes. */
static uint64_t state_kind(void) { return hash(hash_of_nothing, "bigram 2", 8); }

static state_header header_of(const sm_session *session) {
    const sm_instance *instance = session->instance;
    state_header header = {state_kind(),      instance->vocabulary, instance->width, session->rows, 0,
                           session->position, fingerprint(instance)};
    header.check = check_of(header, session->last);
    return header;
}

static int32_t save(sm_session *session, const sm_writer *writer, sm_error *error) {
    (void)error;
    state_header header = header_of(session);
    int32_t status = writer->write(writer->context, &header, sizeof header);
    return status != SM_OK ? status : writer->write(writer->context, session->last, session->rows * sizeof *session->last);
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

static int32_t load(sm_instance *instance, const sm_reader *reader, sm_session **session, sm_error *error) {
    state_header header;
    char extra;
    if (!instance->is_bound) return fail(error, SM_FAILED_PRECONDITION, "the model has no parameters yet: bind comes first");
    if (!read_whole(reader, &header, sizeof header) || header.kind != state_kind())
        return fail(error, SM_DATA_LOSS, "the state is not one of a bigram session, or is cut short");
    if (header.vocabulary != instance->vocabulary || header.width != instance->width)
        return fail(error, SM_DATA_LOSS, "the state is of a model with vocab_size %u and hidden_size %u; this one has %u and %u",
                    header.vocabulary, header.width, instance->vocabulary, instance->width);
    if (header.parameters != fingerprint(instance))
        return fail(error, SM_DATA_LOSS, "the state was made with other parameters, or is damaged");
    if (header.rows == 0 || header.rows > 1u << 20) return fail(error, SM_DATA_LOSS, "the state has %u rows", header.rows);
    int32_t status = open_session(instance, header.rows, session, error);
    if (status != SM_OK) return status;
    int whole = read_whole(reader, (*session)->last, header.rows * sizeof *(*session)->last);
    int ended = reader->read(reader->context, &extra, 1) == 0;
    if (!whole || !ended || check_of(header, (*session)->last) != header.check) {
        close_session(*session);
        *session = NULL;
        return fail(error, SM_DATA_LOSS, "the state is %s", !whole ? "cut short" : ended ? "damaged" : "longer than it should be");
    }
    (*session)->position = header.position;
    return SM_OK;
}

static uint32_t session_rows(sm_session *session) { return session->rows; }

static const sm_session_table session_table = {
    sizeof(sm_session_table), 0, open_session, close_session, append, position, fork_session, rewind_session, state_bytes,
    save, load, session_rows};

#endif
