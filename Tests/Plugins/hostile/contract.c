/* contract.c: sizes of structs, the order of calls, and null where it is allowed. */
#include "honest.h"

static int32_t faulty_loss(sm_instance *instance, const sm_batch *batch, double *value, sm_error *error) {
#if defined(FAULT_EXACT_BATCH)
    if (batch && batch->struct_size != sizeof *batch) return fail(error, SM_INVALID_ARGUMENT, "batch has the wrong size");
#elif defined(FAULT_TAIL_UNCHECKED)
    sm_batch known = *batch;
    known.struct_size = sizeof known;
    return loss(instance, &known, value, error);
#elif defined(FAULT_READS_PAST_BATCH)
    sm_batch known = *batch; /* as if every caller knew all fields */
    known.struct_size = sizeof known;
    return loss(instance, &known, value, error);
#elif defined(FAULT_ORDER_CRASHES)
    *value = instance->parameters[BIAS][0];
#elif defined(FAULT_ERROR_NEEDED)
    error->message[0] = 0;
#elif defined(FAULT_SYMBOLS_UNCHECKED)
    if (batch && instance->is_bound)
        for (uint64_t i = 0; i < batch->rows * batch->length; i++)
            if (batch->targets && (uint32_t)batch->targets[i] >= instance->vocabulary && batch->targets[i] != -1) {
                *value = 0;
                return SM_OK;
            }
#elif defined(FAULT_SYMBOLS_CRASH)
    if (instance->is_bound)
        for (uint64_t i = 0; i < batch->rows * batch->length; i++) {
            static volatile char seen[256];
            seen[batch->tokens[i] * 4096 % (1 << 30)] = 1;
        }
#endif
    return loss(instance, batch, value, error);
}

static int32_t faulty_shape(sm_instance *instance, sm_shape *result, sm_error *error) {
    result->struct_size = sizeof *result + 8; /* writes over what the caller said */
    return shape(instance, result, error);
}

static void faulty_destroy(sm_instance *instance) {
    instance->vocabulary = 0;
    destroy(instance);
}

static void faulty_close(sm_session *session) {
    session->rows = 0;
    close_session(session);
}

static int32_t faulty_open(sm_instance *instance, uint32_t rows, sm_session **session, sm_error *error) {
    instance->is_bound = 1; /* takes for granted that it was */
    return open_session(instance, rows, session, error);
}

static void arm(void) {
#if defined(FAULT_DESTROY_NULL)
    table.destroy = faulty_destroy;
#elif defined(FAULT_CLOSE_NULL)
    sessions.close = faulty_close;
#elif defined(FAULT_SHAPE_SIZE)
    table.shape = faulty_shape;
#elif defined(FAULT_OPENS_UNBOUND)
    sessions.open = faulty_open;
#elif !defined(FAULT_NONE)
    training.loss = faulty_loss;
#endif
    UNUSED(faulty_loss), UNUSED(faulty_shape), UNUSED(faulty_destroy), UNUSED(faulty_close), UNUSED(faulty_open);
}
