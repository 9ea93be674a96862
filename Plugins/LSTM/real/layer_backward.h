/* layer_backward.h: the way back through one layer: time backwards, then each weight's gradient in one product. */

/* Some rows, from the last step to the first: gates and recurrent become their own derivatives. */
static void recurrence_backward_task(void *argument, uint64_t index) {
    const pass *p = argument;
    const layer *l = p->layer;
    uint64_t hidden = l->hidden, first = index * p->piece, count = smaller(p->piece, p->rows - first);
    REAL *later = p->dh_later + first * hidden, *dc = p->dc + first * hidden;
    memset(later, 0, count * hidden * sizeof(REAL));
    memset(dc, 0, count * hidden * sizeof(REAL));
    for (uint64_t step = p->steps; step-- > 0;) {
        if (is_cancelled(l->instance)) return;
        uint64_t place = step * p->rows + first;
        for (uint64_t row = 0; row < count; row++) {
            uint64_t before = (place + row) * hidden, after = before + p->rows * hidden;
            REAL *dh = p->dh + before, *own = later + row * hidden, *gates = l->gates + (place + row) * l->gate_width;
            for (uint64_t j = 0; j < hidden; j++) dh[j] += own[j];
            if (is_lstm(l)) {
                lstm_step_backward(hidden, gates, l->c + before, l->c + after, dh, dc + row * hidden);
                memset(own, 0, hidden * sizeof(REAL));
            } else {
                gru_step_backward(hidden, gates, l->recurrent + (place + row) * l->gate_width, l->h + before, dh, own);
            }
        }
        product through = {l->instance, {l->recurrent + place * l->gate_width, l->gate_width, 1}, p->panels, later,
                           hidden, count, hidden, l->gate_width, NULL, 1};
        product_rows(&through, 0, count);
    }
}

static REAL *gradient_of(const layer *l, int tensor) {
    return l->instance->entries[tensor_index((int64_t)l->index, tensor)].gradient;
}

/* From p->dh, d loss / d h of the layer's output (overwritten): adds to the gradients of its four tensors and writes
 * d_input [S, B, I]. The layer's buffers must be as run_layer left them, and are overwritten. */
static int32_t run_layer_backward(pass *p, REAL *d_input) {
    const layer *l = p->layer;
    uint64_t tokens = p->steps * p->rows;
    pack(l->instance, (operand){l->weights[WEIGHT_HIDDEN], l->hidden, 1}, l->gate_width, l->hidden, p->panels);
    p->piece = rows_of_piece(p->rows);
    run_parallel(l->instance, (p->rows + p->piece - 1) / p->piece, recurrence_backward_task, p);
    if (is_cancelled(l->instance)) return SM_CANCELLED;
    linear recurrent = {l->instance, l->h, l->weights[WEIGHT_HIDDEN], NULL, NULL, tokens, l->gate_width, l->hidden, 0};
    linear input = {l->instance, l->input, l->weights[WEIGHT_INPUT], NULL, NULL, tokens, l->gate_width, l->inputs, 0};
    add_column_sums(l->instance, l->gates, tokens, l->gate_width, gradient_of(l, BIAS_INPUT));
    add_column_sums(l->instance, l->recurrent, tokens, l->gate_width, gradient_of(l, BIAS_HIDDEN));
    int32_t status = add_weight_gradient(&recurrent, l->recurrent, gradient_of(l, WEIGHT_HIDDEN), p->panels);
    if (status == SM_OK) status = add_weight_gradient(&input, l->gates, gradient_of(l, WEIGHT_INPUT), p->panels);
    if (status == SM_OK) status = apply_backward(&input, l->gates, d_input, p->panels);
    return status;
}
