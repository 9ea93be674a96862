/*
 * configuration.h: the settings of both models: read from JSON, completed, written, proposed for a budget.
 */
#ifndef CONFIGURATION_H
#define CONFIGURATION_H

#include "sequence_model.h"

/* The models of this library, in the order in which a host counts them. */
typedef enum architecture { LSTM, GRU, ARCHITECTURES } architecture;

/* Products of four of these fit in 63 bits. */
enum { LARGEST_WIDTH = 65536, LARGEST_VOCABULARY = 1 << 24, MOST_LAYERS = 1024 };

typedef struct configuration {
    int64_t vocabulary; /* V */
    int64_t hidden;     /* H, width of the state */
    int64_t embedding;  /* D, width of the first layer's input */
    int64_t layers;     /* L */
    int64_t tied;       /* 1: the head is the embedding; D = H then */
} configuration;

/* "lstm" or "gru". */
const char *architecture_id(architecture model);

/* Blocks of H rows in a layer's weights: 4 of an LSTM (i, f, g, o), 3 of a GRU (r, z, n). */
int64_t gate_count(architecture model);

/* Reads `json` over the defaults. SM_INVALID_ARGUMENT names the key, what was got and what is allowed. */
int32_t read_configuration(architecture model, const char *json, uint64_t length, configuration *c, sm_error *error);

/* Writes every key. Passes the writer's status on. */
int32_t write_configuration(const configuration *c, const sm_writer *writer);

/* Values in all parameters, tied ones counted once. */
double parameter_total(architecture model, const configuration *c);

/* The configuration nearest to a budget. SM_INVALID_ARGUMENT when none is within 5 %, with the smallest and largest. */
int32_t propose_configuration(architecture model, const sm_budget *budget, configuration *c, sm_error *error);

/* JSON schema, which lives as long as the process. */
const char *configuration_schema(architecture model);

#endif
