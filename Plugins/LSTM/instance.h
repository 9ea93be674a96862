/*
 * instance.h: a configured model: its parameters, which the host allocates and binds, and the host's services.
 *
 * Parameters are those of PyTorch, in this order: embed_tokens.weight [V, D]; for each layer l weight_ih_l [G H, D or H],
 * weight_hh_l [G H, H], bias_ih_l [G H], bias_hh_l [G H]; lm_head.weight [V, H]. G gates: i, f, g, o or r, z, n.
 */
#ifndef INSTANCE_H
#define INSTANCE_H

#include "configuration.h"
#include "network.h"

#include <stdatomic.h>

/* Tensors of a layer, counted from its first. */
enum { WEIGHT_INPUT, WEIGHT_HIDDEN, BIAS_INPUT, BIAS_HIDDEN, TENSORS_OF_LAYER };

typedef struct parameter_entry {
    char name[32];
    int64_t shape[2];
    uint32_t rank;
    void *values;   /* bound: float or double */
    void *gradient; /* the same, or null */
} parameter_entry;

struct sm_instance {
    architecture model;
    configuration sizes;
    sm_host host;           /* as much of it as was given; zero elsewhere */
    atomic_int is_stopped;  /* the host asked to stop the present call */
    const network *network; /* of the bound scalar type; null before bind */
    uint32_t scalar_type;
    int has_gradients;
    uint64_t count; /* of entries: 2 + 4 L */
    parameter_entry *entries;
};

/* Index of a layer's tensor, and of the head. */
uint64_t tensor_index(int64_t layer, int tensor);
uint64_t head_index(const sm_instance *instance);

/* Bytes of a real number of the bound type. */
uint64_t scalar_bytes(const sm_instance *instance);

int32_t create_instance(uint32_t model, const sm_host *host, const char *json, uint64_t length, sm_instance **instance,
                        sm_error *error);
void destroy_instance(sm_instance *instance);
int32_t instance_shape(sm_instance *instance, sm_shape *shape, sm_error *error);
uint64_t parameter_count(sm_instance *instance);
int32_t describe_parameter(sm_instance *instance, uint64_t index, sm_parameter *parameter, sm_error *error);
int32_t bind_instance(sm_instance *instance, const sm_tensor *parameters, const sm_tensor *gradients, uint64_t count,
                      sm_error *error);

/* SM_FAILED_PRECONDITION before bind. */
int32_t check_bound(const sm_instance *instance, sm_error *error);

#endif
