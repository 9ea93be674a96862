/*
 * layer.h: one layer over S steps of B rows. Inside a network everything is in order of time: [S, B, ...].
 *
 * All steps' W_ih x are one product. The recurrence goes through time for a few rows at a time, since rows do not
 * know of each other; each of these pieces is a task.
 */

typedef struct layer {
    const sm_instance *instance;
    uint64_t index, inputs, hidden, gate_width; /* I, H, and G H */
    const REAL *weights[TENSORS_OF_LAYER];
    const REAL *input; /* [S, B, I] */
    REAL *h;           /* [S + 1, B, H]: before the first step, and after each */
    REAL *c;           /* the same, of an LSTM */
    REAL *gates;       /* [S, B, G H] */
    REAL *recurrent;   /* W_hh h' + b_hh [S, B, G H] of a GRU; the gates themselves of an LSTM */
} layer;

/* What a pass through a layer works with. */
typedef struct pass {
    const layer *layer;
    uint64_t steps, rows; /* S, B */
    uint64_t piece;       /* rows of a task */
    REAL *panels;         /* for packed weights */
    REAL *bias;           /* [G H] */
    REAL *dh;             /* backward: d loss / d h from above, [S, B, H] */
    REAL *dh_later;       /* backward: the part of it that comes from later steps, [B, H] */
    REAL *dc;             /* backward: the same of c, [B, H] */
} pass;

static int is_lstm(const layer *l) { return l->instance->model == LSTM; }

/* The layer's weights and sizes; its buffers are the caller's to fill in. */
static layer layer_of(const sm_instance *instance, uint64_t index) {
    layer l = {.instance = instance, .index = index};
    l.hidden = (uint64_t)instance->sizes.hidden;
    l.inputs = index == 0 ? (uint64_t)instance->sizes.embedding : l.hidden;
    l.gate_width = (uint64_t)gate_count(instance->model) * l.hidden;
    for (int i = 0; i < TENSORS_OF_LAYER; i++) l.weights[i] = instance->entries[tensor_index((int64_t)index, i)].values;
    return l;
}

/* As many rows as a tile has, or fewer so that there is an even number of pieces. */
static uint64_t rows_of_piece(uint64_t rows) {
    if (rows < 2) return 1;
    uint64_t pieces = (rows + TILE_ROWS - 1) / TILE_ROWS;
    pieces += pieces % 2;
    return (rows + pieces - 1) / pieces;
}

static void cell(const pass *p, uint64_t step, uint64_t row) {
    const layer *l = p->layer;
    uint64_t hidden = l->hidden, place = step * p->rows + row, after = place + p->rows;
    REAL *gates = l->gates + place * l->gate_width;
    if (is_lstm(l))
        lstm_step(hidden, gates, l->c + place * hidden, l->c + after * hidden, l->h + after * hidden);
    else
        gru_step(hidden, gates, l->recurrent + place * l->gate_width, l->h + place * hidden, l->h + after * hidden);
}

/* Takes some rows through time. */
static void recurrence_task(void *argument, uint64_t index) {
    const pass *p = argument;
    const layer *l = p->layer;
    uint64_t first = index * p->piece, count = smaller(p->piece, p->rows - first);
    for (uint64_t step = 0; step < p->steps; step++) {
        if (is_cancelled(l->instance)) return;
        uint64_t place = step * p->rows + first;
        product recurrent = {l->instance, {l->h + place * l->hidden, l->hidden, 1}, p->panels,
                             l->recurrent + place * l->gate_width, l->gate_width, count, l->gate_width, l->hidden,
                             is_lstm(l) ? NULL : l->weights[BIAS_HIDDEN], is_lstm(l)};
        product_rows(&recurrent, 0, count);
        for (uint64_t row = first; row < first + count; row++) cell(p, step, row);
    }
}

/* A few tokens, without packing. */
static void recurrence_of_few(const pass *p) {
    const layer *l = p->layer;
    for (uint64_t step = 0; step < p->steps; step++) {
        uint64_t place = step * p->rows;
        linear recurrent = {l->instance, l->h + place * l->hidden, l->weights[WEIGHT_HIDDEN],
                            is_lstm(l) ? NULL : l->weights[BIAS_HIDDEN], l->recurrent + place * l->gate_width, p->rows,
                            l->gate_width, l->hidden, is_lstm(l)};
        apply_to_few(&recurrent);
        for (uint64_t row = 0; row < p->rows; row++) cell(p, step, row);
    }
}

/* Fills gates, recurrent, h and c of all steps from input and from h and c before the first. */
static int32_t run_layer(pass *p) {
    const layer *l = p->layer;
    /* Both biases of an LSTM act in the same place. */
    for (uint64_t j = 0; j < l->gate_width; j++)
        p->bias[j] = l->weights[BIAS_INPUT][j] + (is_lstm(l) ? l->weights[BIAS_HIDDEN][j] : 0);
    linear input = {l->instance, l->input, l->weights[WEIGHT_INPUT], p->bias, l->gates, p->steps * p->rows, l->gate_width,
                    l->inputs, 0};
    int32_t status = apply(&input, p->panels);
    if (status != SM_OK) return status;
    if (p->steps * p->rows <= FEW_ROWS) {
        recurrence_of_few(p);
    } else {
        operand transposed = {l->weights[WEIGHT_HIDDEN], 1, l->hidden}; /* [H, G H] */
        pack(l->instance, transposed, l->hidden, l->gate_width, p->panels);
        p->piece = rows_of_piece(p->rows);
        run_parallel(l->instance, (p->rows + p->piece - 1) / p->piece, recurrence_task, p);
    }
    return is_cancelled(l->instance) ? SM_CANCELLED : SM_OK;
}

/* Room that packed weights of any layer, or of the head, need: `tokens` rows are multiplied at most. */
static uint64_t largest_panels(const sm_instance *instance, uint64_t tokens) {
    uint64_t vocabulary = (uint64_t)instance->sizes.vocabulary, size = 0;
    for (uint64_t index = 0; index < 2 && index < (uint64_t)instance->sizes.layers; index++) {
        layer l = layer_of(instance, index);
        size = larger(size, packed_size(larger(l.inputs, l.hidden), l.gate_width));
        size = larger(size, packed_size(larger(tokens, l.gate_width), larger(l.inputs, l.hidden)));
        size = larger(size, packed_size(l.hidden, vocabulary));
        size = larger(size, packed_size(vocabulary, l.hidden));
    }
    return size;
}
