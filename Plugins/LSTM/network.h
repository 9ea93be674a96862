/*
 * network.h: what the arithmetic offers to the rest, whatever its real type and processor level.
 *
 * Shapes: B rows, T length, V vocabulary, L layers, H hidden size, P parts of a state: h, and c of an LSTM.
 */
#ifndef NETWORK_H
#define NETWORK_H

#include "sequence_model.h"

/* Rows to read, and what to write of what they say. Any of the results may be null. */
typedef struct reading {
    const sm_instance *instance;
    const int32_t *tokens; /* [B, T] */
    uint64_t rows;
    uint64_t length;
    void *state;            /* [P, L, B, H], read and replaced; null: from zeros, and forgotten */
    float *logits;          /* [B, T, V], or [B, V] if only_last */
    int only_last;
    const int32_t *targets; /* [B, T]; for the results below */
    double *nats;           /* [B, T], written where there is a target */
    int32_t *symbols;       /* [B, T], the same */
    float *log_probability; /* [B, T], the same */
} reading;

/* Rows to learn from. */
typedef struct lesson {
    const sm_instance *instance;
    const int32_t *tokens;  /* [B, T] */
    const int32_t *targets; /* [B, T] */
    const float *weights;   /* [B, T], or null: `weight` each */
    double weight;
    uint64_t rows;
    uint64_t length;
    double loss; /* the result */
} lesson;

typedef struct network {
    /* SM_OK, SM_CANCELLED or SM_RESOURCE_EXHAUSTED. */
    int32_t (*read)(const reading *reading);
    /* The same; adds to the bound gradients. */
    int32_t (*learn)(lesson *lesson);
} network;

/* The arithmetic in float32 or float64 for this processor. */
const network *network_for(uint32_t scalar_type);

/* One for each real type and processor level; a level that is not this processor's kind is not there. */
extern const network network_float_v1, network_float_v3, network_float_v4;
extern const network network_double_v1, network_double_v3, network_double_v4;

#endif
