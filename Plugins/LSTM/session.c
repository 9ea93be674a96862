/* session.c: sm.session/1. A session is h, and c of an LSTM, of each layer and row: [P, L, B, H]. */
#include "batch.h"
#include "exchange.h"
#include "services.h"
#include "state_file.h"
#include "tables.h"

#include <stdlib.h>
#include <string.h>

static int32_t open_session(sm_instance *instance, uint32_t rows, sm_session **session, sm_error *error) {
    int32_t status = check_bound(instance, error);
    if (status != SM_OK) return status;
    if (!session) return fail(error, SM_INVALID_ARGUMENT, "session is null");
    if (rows == 0) return fail(error, SM_INVALID_ARGUMENT, "a session of 0 rows; at least 1 is needed");
    sm_session *made = calloc(1, sizeof *made);
    /* sizes are below 2^32 x 2^10 x 2^17 x 2^3 */
    void *state = calloc(1, state_size(instance, rows));
    if (!made || !state) {
        free(made);
        free(state);
        return fail(error, SM_RESOURCE_EXHAUSTED, "no memory for a session of %u rows", rows);
    }
    *made = (sm_session){instance, rows, 0, state};
    *session = made;
    return SM_OK;
}

static void close_session(sm_session *session) {
    if (session) free(session->state);
    free(session);
}

static int32_t append(sm_session *session, const int32_t *tokens, uint64_t count, uint32_t which, float *logits,
                      sm_error *error) {
    if (!session) return fail(error, SM_INVALID_ARGUMENT, "session is null");
    const sm_instance *instance = session->instance;
    if (!tokens || count == 0) return fail(error, SM_INVALID_ARGUMENT, "append of no tokens");
    if (count > INT32_MAX || session->rows * count > INT32_MAX)
        return fail(error, SM_INVALID_ARGUMENT, "append of %u x %llu tokens; at most %d", session->rows,
                    (unsigned long long)count, INT32_MAX);
    if (which > SM_LOGITS_ALL || (which != SM_LOGITS_NONE && !logits))
        return fail(error, SM_INVALID_ARGUMENT, "logits asked for (%u) without room for them", which);
    int32_t status = check_symbols(instance, tokens, session->rows, count, 0, "token", error);
    if (status != SM_OK) return status;
    /* Of a call that fails the session must not notice anything. */
    uint64_t bytes = state_size(instance, session->rows);
    void *state = malloc(bytes);
    if (!state) return report(SM_RESOURCE_EXHAUSTED, error);
    memcpy(state, session->state, bytes);
    reading reading = {.instance = instance, .tokens = tokens, .rows = session->rows, .length = count, .state = state,
                       .logits = which == SM_LOGITS_NONE ? NULL : logits, .only_last = which == SM_LOGITS_LAST};
    status = instance->network->read(&reading);
    if (status == SM_OK) {
        void *old = session->state;
        session->state = state;
        session->position += count;
        state = old;
    }
    free(state);
    return report(status, error);
}

static uint64_t position(sm_session *session) { return session ? session->position : 0; }

static int32_t fork_session(sm_session *session, sm_session **copy, sm_error *error) {
    if (!session) return fail(error, SM_INVALID_ARGUMENT, "session is null");
    int32_t status = open_session(session->instance, session->rows, copy, error);
    if (status != SM_OK) return status;
    (*copy)->position = session->position;
    memcpy((*copy)->state, session->state, state_size(session->instance, session->rows));
    return SM_OK;
}

static int32_t rewind_session(sm_session *session, uint64_t position, sm_error *error) {
    if (!session) return fail(error, SM_INVALID_ARGUMENT, "session is null");
    if (position == session->position) return SM_OK;
    return fail(error, SM_UNIMPLEMENTED, "a recurrent state cannot go back");
}

static uint64_t state_bytes(sm_session *session) {
    return session ? state_size(session->instance, session->rows) : 0;
}

static int32_t save(sm_session *session, const sm_writer *writer, sm_error *error) {
    if (!session || !writer) return fail(error, SM_INVALID_ARGUMENT, "%s is null", session ? "state" : "session");
    return write_state(session, writer);
}

static int32_t load(sm_instance *instance, const sm_reader *reader, sm_session **session, sm_error *error) {
    state_header header;
    int32_t status = check_bound(instance, error);
    if (status != SM_OK) return status;
    if (!reader || !session) return fail(error, SM_INVALID_ARGUMENT, "%s is null", reader ? "session" : "state");
    status = read_header(instance, reader, &header, error);
    if (status == SM_OK) status = open_session(instance, header.rows, session, error);
    if (status != SM_OK) return status;
    (*session)->position = header.position;
    status = read_state(*session, reader, &header, error);
    if (status == SM_OK) return SM_OK;
    close_session(*session);
    *session = NULL;
    return status;
}

static uint32_t rows(sm_session *session) { return session ? session->rows : 0; }

const sm_session_table session_table = {
    sizeof(sm_session_table), 0, open_session, close_session, append, position, fork_session, rewind_session, state_bytes,
    save, load, rows};
