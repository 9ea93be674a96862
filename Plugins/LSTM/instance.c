/* instance.c: making an instance, declaring and binding its parameters. */
#include "instance.h"

#include "exchange.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

uint64_t tensor_index(int64_t layer, int tensor) { return 1 + (uint64_t)layer * TENSORS_OF_LAYER + (uint64_t)tensor; }

uint64_t head_index(const sm_instance *instance) { return instance->count - 1; }

uint64_t scalar_bytes(const sm_instance *instance) { return instance->scalar_type == SM_FLOAT64 ? 8 : 4; }

static parameter_entry matrix(const char *name, int64_t rows, int64_t columns) {
    parameter_entry entry = {.shape = {rows, columns}, .rank = columns ? 2 : 1};
    snprintf(entry.name, sizeof entry.name, "%s", name);
    return entry;
}

static void declare(sm_instance *instance) {
    const configuration *c = &instance->sizes;
    int64_t gates = gate_count(instance->model) * c->hidden;
    instance->entries[0] = matrix("embed_tokens.weight", c->vocabulary, c->embedding);
    for (int64_t layer = 0; layer < c->layers; layer++) {
        static const char *const names[TENSORS_OF_LAYER] = {"weight_ih_l", "weight_hh_l", "bias_ih_l", "bias_hh_l"};
        int64_t columns[TENSORS_OF_LAYER] = {layer == 0 ? c->embedding : c->hidden, c->hidden, 0, 0};
        for (int tensor = 0; tensor < TENSORS_OF_LAYER; tensor++) {
            char name[32];
            snprintf(name, sizeof name, "%s%lld", names[tensor], (long long)layer);
            instance->entries[tensor_index(layer, tensor)] = matrix(name, gates, columns[tensor]);
        }
    }
    instance->entries[head_index(instance)] = matrix("lm_head.weight", c->vocabulary, c->hidden);
}

int32_t create_instance(uint32_t model, const sm_host *host, const char *json, uint64_t length, sm_instance **instance,
                        sm_error *error) {
    configuration sizes;
    sm_host services = {0};
    if (model >= ARCHITECTURES) return fail(error, SM_NOT_FOUND, "model %u; there are %d", model, ARCHITECTURES);
    if (!instance) return fail(error, SM_INVALID_ARGUMENT, "instance is null");
    int32_t status = read_configuration((architecture)model, json, length, &sizes, error);
    if (status == SM_OK && host) status = take_over(&services, sizeof services, host, "host", error);
    if (status != SM_OK) return status;
    sm_instance *made = calloc(1, sizeof *made);
    uint64_t count = 2 + TENSORS_OF_LAYER * (uint64_t)sizes.layers;
    parameter_entry *entries = calloc(count, sizeof *entries);
    if (!made || !entries) {
        free(made);
        free(entries);
        return fail(error, SM_RESOURCE_EXHAUSTED, "no memory for an instance");
    }
    *made = (sm_instance){.model = (architecture)model, .sizes = sizes, .host = services, .count = count, .entries = entries};
    declare(made);
    *instance = made;
    return SM_OK;
}

void destroy_instance(sm_instance *instance) {
    if (instance) free(instance->entries);
    free(instance);
}

int32_t instance_shape(sm_instance *instance, sm_shape *shape, sm_error *error) {
    if (!instance) return fail(error, SM_INVALID_ARGUMENT, "instance is null");
    uint32_t vocabulary = (uint32_t)instance->sizes.vocabulary;
    sm_shape own = {.vocabulary = vocabulary, .alphabet = vocabulary, .mask_symbol = -1, .maximum_tokens = 0};
    return hand_over(shape, &own, sizeof own, "shape", error);
}

uint64_t parameter_count(sm_instance *instance) { return instance ? instance->count : 0; }

/* First values as PyTorch draws them: nn.LSTM and nn.GRU uniform in +-1 / sqrt(H), biases too; nn.Embedding N(0, 1);
 * nn.Linear uniform in +-1 / sqrt(H). A tied embedding must serve as a head and starts as one. */
int32_t describe_parameter(sm_instance *instance, uint64_t index, sm_parameter *parameter, sm_error *error) {
    if (!instance) return fail(error, SM_INVALID_ARGUMENT, "instance is null");
    if (index >= instance->count)
        return fail(error, SM_NOT_FOUND, "parameter %llu; there are %llu", (unsigned long long)index,
                    (unsigned long long)instance->count);
    const parameter_entry *entry = &instance->entries[index];
    double bound = 1 / sqrt((double)instance->sizes.hidden);
    sm_parameter own = {.flags = entry->rank == 1 ? SM_PARAMETER_NO_WEIGHT_DECAY : 0,
                        .name = entry->name,
                        .shape = entry->shape,
                        .rank = entry->rank,
                        .initialiser = SM_INITIALISE_UNIFORM,
                        .a = -bound,
                        .b = bound};
    if (index == 0 && !instance->sizes.tied) {
        own.initialiser = SM_INITIALISE_NORMAL;
        own.a = 0;
        own.b = 1;
    }
    if (index == head_index(instance) && instance->sizes.tied) own.tied_to_plus_one = 1;
    return hand_over(parameter, &own, sizeof own, "parameter", error);
}

/* Says what is wrong with a tensor, or null. */
static const char *fault(const parameter_entry *entry, const sm_tensor *tensor, uint32_t scalar_type) {
    if (!tensor->data) return "data is null";
    if (tensor->device_type != 1) return "not on the CPU (device type 1)";
    if (tensor->byte_offset != 0) return "byte_offset is not 0";
    if ((uintptr_t)tensor->data % 64 != 0) return "data is not aligned to 64 bytes";
    if (tensor->scalar_type != SM_FLOAT32 && tensor->scalar_type != SM_FLOAT64) return "neither SM_FLOAT32 nor SM_FLOAT64";
    if (tensor->scalar_type != scalar_type) return "not of the first tensor's scalar type";
    if (tensor->rank != (int32_t)entry->rank || !tensor->shape) return "not of the declared rank";
    int64_t stride = 1;
    for (int axis = (int)entry->rank - 1; axis >= 0; axis--) {
        if (tensor->shape[axis] != entry->shape[axis]) return "not of the declared shape";
        if (tensor->strides && tensor->strides[axis] != stride && entry->shape[axis] != 1) return "not compact row-major";
        stride *= entry->shape[axis];
    }
    return NULL;
}

int32_t bind_instance(sm_instance *instance, const sm_tensor *parameters, const sm_tensor *gradients, uint64_t count,
                      sm_error *error) {
    if (!instance || !parameters)
        return fail(error, SM_INVALID_ARGUMENT, "%s is null", instance ? "parameters" : "instance");
    if (count != instance->count)
        return fail(error, SM_INVALID_ARGUMENT, "%llu tensors; the model has %llu parameters", (unsigned long long)count,
                    (unsigned long long)instance->count);
    uint32_t scalar_type = parameters[0].scalar_type;
    for (uint64_t i = 0; i < count; i++) {
        const parameter_entry *entry = &instance->entries[i];
        const char *wrong = fault(entry, &parameters[i], scalar_type);
        if (wrong) return fail(error, SM_INVALID_ARGUMENT, "parameter \"%s\": %s", entry->name, wrong);
        wrong = gradients ? fault(entry, &gradients[i], scalar_type) : NULL;
        if (wrong) return fail(error, SM_INVALID_ARGUMENT, "gradient of \"%s\": %s", entry->name, wrong);
    }
    for (uint64_t i = 0; i < count; i++) {
        instance->entries[i].values = parameters[i].data;
        instance->entries[i].gradient = gradients ? gradients[i].data : NULL;
    }
    instance->scalar_type = scalar_type;
    instance->has_gradients = gradients != NULL;
    instance->network = network_for(scalar_type);
    return SM_OK;
}

int32_t check_bound(const sm_instance *instance, sm_error *error) {
    if (!instance) return fail(error, SM_INVALID_ARGUMENT, "instance is null");
    if (!instance->network) return fail(error, SM_FAILED_PRECONDITION, "the model has no parameters yet: bind comes first");
    return SM_OK;
}
