/* state_file.h: the bytes of a saved session: a header of 64 bytes and the state as it lies in memory. */
#ifndef STATE_FILE_H
#define STATE_FILE_H

#include "instance.h"

struct sm_session {
    sm_instance *instance;
    uint32_t rows;
    uint64_t position;
    void *state; /* [P, L, B, H] */
};

typedef struct state_header {
    char magic[8]; /* "RNNSTATE" */
    uint32_t version;
    uint32_t rows;
    uint64_t position;
    uint64_t model;      /* hash of architecture, sizes and scalar type */
    uint64_t parameters; /* hash of some values of each parameter */
    uint64_t length;     /* of what follows */
    uint64_t check;      /* of the state */
    uint64_t header_check; /* of all before */
} state_header;

/* Bytes of the state of `rows` rows. */
uint64_t state_size(const sm_instance *instance, uint32_t rows);

int32_t write_state(const sm_session *session, const sm_writer *writer);

/* SM_DATA_LOSS for what write_state of the same model, configuration and parameters did not write. */
int32_t read_header(const sm_instance *instance, const sm_reader *reader, state_header *header, sm_error *error);
int32_t read_state(sm_session *session, const sm_reader *reader, const state_header *header, sm_error *error);

#endif
