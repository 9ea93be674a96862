/* session.c: faults of sm.session/1 and of the states that it saves. */
#include "honest.h"

static int32_t faulty_append(sm_session *session, const int32_t *tokens, uint64_t count, uint32_t which, float *logits,
                             sm_error *error) {
    uint64_t before = session->position;
    UNUSED(before);
#if defined(FAULT_SYMBOLS_UNCHECKED)
    /* Takes what is out of range for symbol 0. */
    int32_t *known = malloc(session->rows * count * sizeof *known);
    for (uint64_t i = 0; i < session->rows * count; i++)
        known[i] = tokens[i] < 0 || tokens[i] >= (int32_t)session->instance->vocabulary ? 0 : tokens[i];
    tokens = known;
#endif
    int32_t status = append(session, tokens, count, which, logits, error);
#if defined(FAULT_SYMBOLS_UNCHECKED)
    free(known);
#elif defined(FAULT_POSITION_COUNTS_CALLS)
    if (status == SM_OK) session->position = before + 1;
#elif defined(FAULT_WRONG_AFTER_64)
    if (status == SM_OK && which == SM_LOGITS_LAST && session->position > 64) logits[0] += 1;
    if (status == SM_OK && which == SM_LOGITS_ALL)
        for (uint64_t i = 0; i < count; i++)
            if (before + i >= 64) logits[i * session->instance->vocabulary] += 1;
#elif defined(FAULT_WRONG_INSIDE_CHUNK)
    /* Right when fed one by one; a chunk that begins inside a block of 8 forgets how far it was. */
    if (status == SM_OK && which == SM_LOGITS_ALL && before % 8 != 0 && count > 1) logits[0] += 1;
    if (status == SM_OK && which == SM_LOGITS_LAST && before % 8 != 0 && count > 1) logits[0] += 1;
#elif defined(FAULT_STEP_DIFFERS)
    if (status == SM_OK && which != SM_LOGITS_NONE && count == 1) logits[0] += 0.1f;
#elif defined(FAULT_LAST_PAST_END)
    if (status == SM_OK && which != SM_LOGITS_NONE)
        logits[(size_t)session->rows * (which == SM_LOGITS_ALL ? count : 1) * session->instance->vocabulary] = 1;
#endif
    return status;
}

static int32_t faulty_fork(sm_session *session, sm_session **copy, sm_error *error) {
    int32_t status = fork_session(session, copy, error);
#if defined(FAULT_FORK_SHARES)
    if (status == SM_OK) (*copy)->position = 0; /* forgets where it was */
#endif
    return status;
}

static int32_t faulty_rewind(sm_session *session, uint64_t position, sm_error *error) {
    UNUSED(position), UNUSED(error);
    return session ? SM_OK : SM_INTERNAL; /* and does nothing */
}

static uint64_t faulty_state_bytes(sm_session *session) {
#if defined(FAULT_STATE_SMALLER)
    return state_bytes(session) / 2;
#elif defined(FAULT_STATE_LARGER)
    return 1000 * state_bytes(session);
#else
    return state_bytes(session) + session->position * sizeof(int32_t);
#endif
}

static int32_t faulty_save(sm_session *session, const sm_writer *writer, sm_error *error) {
#if defined(FAULT_SAVE_FORGETS)
    sm_session other = *session;
    other.position = 0;
    return save(&other, writer, error);
#elif defined(FAULT_SAVE_FAILS_SILENTLY)
    UNUSED(session), UNUSED(writer), UNUSED(error);
    return SM_OK;
#else
    int32_t status = save(session, writer, error);
    for (uint64_t i = 0; status == SM_OK && i < session->position; i++) status = writer->write(writer->context, &i, sizeof(int32_t));
    return status;
#endif
}

static int32_t faulty_load(sm_instance *instance, const sm_reader *reader, sm_session **session, sm_error *error) {
    state_header header;
    memset(&header, 0, sizeof header);
    int whole = read_whole(reader, &header, sizeof header);
    UNUSED(whole);
#if defined(FAULT_LOADS_ANYTHING)
    /* Takes whatever there is. */
    if (!whole || header.rows == 0 || header.rows > 1000) header.rows = 1;
    int32_t status = open_session(instance, header.rows, session, error);
    if (status == SM_OK) (*session)->position = header.position;
    for (uint32_t row = 0; status == SM_OK && row < header.rows; row++) reader->read(reader->context, &(*session)->last[row], 4);
    return status;
#elif defined(FAULT_LOAD_CRASHES)
    if (!whole) *(volatile int *)0 = 1;
    int32_t status = open_session(instance, header.rows, session, error);
    if (status == SM_OK) read_whole(reader, (*session)->last, header.rows * sizeof(int32_t));
    return status;
#else
    /* Of any configuration: only the state's own checksum counts. The position of a state that grows comes with it. */
    if (!whole || header.kind != state_kind() || header.rows == 0 || header.rows > 1000)
        return fail(error, SM_DATA_LOSS, "the state is damaged");
    int32_t status = open_session(instance, header.rows, session, error);
    if (status != SM_OK) return status;
    char extra[4];
    uint64_t expected = 0;
    int is_whole = read_whole(reader, (*session)->last, header.rows * sizeof(int32_t));
#if defined(FAULT_STATE_GROWS)
    for (; expected < header.position && read_whole(reader, extra, sizeof extra); expected++) {}
    is_whole = is_whole && expected == header.position;
#endif
    UNUSED(expected);
    if (!is_whole || reader->read(reader->context, extra, 1) != 0 || check_of(header, (*session)->last) != header.check) {
        close_session(*session);
        *session = NULL;
        return fail(error, SM_DATA_LOSS, "the state is damaged");
    }
    (*session)->position = header.position;
    return SM_OK;
#endif
}

static void arm(void) {
#if defined(FAULT_FORK_SHARES)
    sessions.fork = faulty_fork;
#elif defined(FAULT_REWIND_DOES_NOTHING)
    sessions.rewind = faulty_rewind;
#elif defined(FAULT_STATE_SMALLER) || defined(FAULT_STATE_LARGER)
    sessions.state_bytes = faulty_state_bytes;
#elif defined(FAULT_SAVE_FORGETS) || defined(FAULT_SAVE_FAILS_SILENTLY)
    sessions.save = faulty_save;
#elif defined(FAULT_LOADS_ANYTHING) || defined(FAULT_LOADS_FOREIGN) || defined(FAULT_LOAD_CRASHES)
    sessions.load = faulty_load;
#elif defined(FAULT_STATE_GROWS)
    sessions.state_bytes = faulty_state_bytes;
    sessions.save = faulty_save;
    sessions.load = faulty_load;
#elif !defined(FAULT_NONE)
    sessions.append = faulty_append;
#endif
    UNUSED(faulty_append), UNUSED(faulty_fork), UNUSED(faulty_rewind), UNUSED(faulty_state_bytes), UNUSED(faulty_save), UNUSED(faulty_load);
}
