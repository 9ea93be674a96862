/* learn.h: loss and gradient by backpropagation through all of time (Werbos 1990), for some rows of a batch at a time. */

/* Tokens whose activations are kept at the same time, and rows however long they are. */
enum { TOKENS_TO_LEARN = 8192, ROWS_TO_LEARN = 4 };

/* The buffers of a part of a lesson: B rows of T steps. */
typedef struct learner {
    lesson *lesson;
    const sm_instance *instance;
    uint64_t first_row, rows;
    layer *layers;  /* [L], buffers of each filled in */
    REAL *embedded; /* [T, B, D] */
    REAL *dh;       /* [T, B, the larger of D and H]: d loss / d output of the layer at hand */
    REAL *d_input;  /* the same of its input */
    REAL *panels, *bias, *dh_later, *dc;
    uint64_t *places; /* [T B] of targets, in order of time */
    int32_t *targets;
    double *weights;
    head head;
} learner;

static void lay_out_learner(learner *s, block *memory) {
    const configuration *sizes = &s->instance->sizes;
    uint64_t hidden = (uint64_t)sizes->hidden, embedding = (uint64_t)sizes->embedding;
    uint64_t tokens = s->rows * s->lesson->length;
    s->layers = take_bytes(memory, (uint64_t)sizes->layers * sizeof *s->layers);
    s->embedded = take_reals(memory, tokens * embedding);
    const REAL *input = s->embedded;
    for (uint64_t index = 0; index < (uint64_t)sizes->layers; index++) {
        layer l = layer_of(s->instance, index);
        l.input = input;
        l.h = take_reals(memory, (tokens + s->rows) * hidden);
        l.c = is_lstm(&l) ? take_reals(memory, (tokens + s->rows) * hidden) : NULL;
        l.gates = take_reals(memory, tokens * l.gate_width);
        l.recurrent = is_lstm(&l) ? l.gates : take_reals(memory, tokens * l.gate_width);
        if (!memory->base) continue;
        input = l.h + s->rows * hidden;
        s->layers[index] = l;
    }
    s->dh = take_reals(memory, tokens * larger(hidden, embedding));
    s->d_input = take_reals(memory, tokens * larger(hidden, embedding));
    s->panels = take_reals(memory, largest_panels(s->instance, tokens));
    s->bias = take_reals(memory, layer_of(s->instance, 0).gate_width);
    s->dh_later = take_reals(memory, s->rows * hidden);
    s->dc = take_reals(memory, s->rows * hidden);
    s->places = take_bytes(memory, tokens * sizeof *s->places);
    s->targets = take_bytes(memory, tokens * sizeof *s->targets);
    s->weights = take_bytes(memory, tokens * sizeof *s->weights);
    s->head = take_head(s->instance, tokens, s->panels, memory);
}

static uint64_t batch_place(const learner *s, uint64_t step, uint64_t row) {
    return (s->first_row + row) * s->lesson->length + step;
}

static int32_t learn_forward(learner *s) {
    uint64_t width = (uint64_t)s->instance->sizes.embedding, hidden = (uint64_t)s->instance->sizes.hidden;
    const REAL *table = s->instance->entries[0].values;
    for (uint64_t i = 0; i < s->rows * s->lesson->length; i++) {
        uint64_t token = (uint64_t)s->lesson->tokens[batch_place(s, i / s->rows, i % s->rows)];
        memcpy(s->embedded + i * width, table + token * width, width * sizeof(REAL));
    }
    for (uint64_t index = 0; index < (uint64_t)s->instance->sizes.layers; index++) {
        layer *l = &s->layers[index];
        memset(l->h, 0, s->rows * hidden * sizeof(REAL));
        if (l->c) memset(l->c, 0, s->rows * hidden * sizeof(REAL));
        pass p = {.layer = l, .steps = s->lesson->length, .rows = s->rows, .panels = s->panels, .bias = s->bias};
        int32_t status = run_layer(&p);
        if (status != SM_OK) return status;
    }
    return SM_OK;
}

/* Adds to the loss and to the head's gradient; dh becomes d loss / d output of the last layer. */
static int32_t learn_head(learner *s) {
    uint64_t count = 0, hidden = (uint64_t)s->instance->sizes.hidden, tokens = s->rows * s->lesson->length;
    for (uint64_t i = 0; i < tokens; i++) {
        uint64_t place = batch_place(s, i / s->rows, i % s->rows);
        if (s->lesson->targets[place] < 0) continue;
        s->places[count] = i;
        s->targets[count] = s->lesson->targets[place];
        s->weights[count++] = s->lesson->weights ? (double)s->lesson->weights[place] : s->lesson->weight;
    }
    memset(s->dh, 0, tokens * hidden * sizeof(REAL));
    head *h = &s->head;
    h->states = s->layers[s->instance->sizes.layers - 1].h + s->rows * hidden;
    for (uint64_t first = 0; first < count; first += h->room) {
        h->places = s->places + first;
        h->targets = s->targets + first;
        h->weights = s->weights + first;
        h->count = smaller(h->room, count - first);
        int32_t status = head_logits(h);
        if (status != SM_OK) return status;
        head_nats(h);
        for (uint64_t i = 0; i < h->count; i++) s->lesson->loss += h->weights[i] * h->nats[i];
        status = head_backward(h, s->dh);
        if (status != SM_OK) return status;
    }
    return SM_OK;
}

/* Adds some columns of d_input to the embedding's gradient, token after token. */
static void embedding_task(void *argument, uint64_t index) {
    const learner *s = argument;
    uint64_t width = (uint64_t)s->instance->sizes.embedding, column = index * LANES, left = width - column;
    REAL *gradient = s->instance->entries[0].gradient;
    for (uint64_t i = 0; i < s->rows * s->lesson->length; i++) {
        uint64_t token = (uint64_t)s->lesson->tokens[batch_place(s, i / s->rows, i % s->rows)];
        REAL *place = gradient + token * width + column;
        store(place, load(place, left) + load(s->dh + i * width + column, left), left);
    }
}

static int32_t learn_backward(learner *s) {
    for (uint64_t index = (uint64_t)s->instance->sizes.layers; index-- > 0;) {
        pass p = {.layer = &s->layers[index], .steps = s->lesson->length, .rows = s->rows, .panels = s->panels,
                  .dh = s->dh, .dh_later = s->dh_later, .dc = s->dc};
        int32_t status = run_layer_backward(&p, s->d_input);
        if (status != SM_OK) return status;
        REAL *below = s->d_input;
        s->d_input = s->dh;
        s->dh = below;
    }
    run_parallel(s->instance, ((uint64_t)s->instance->sizes.embedding + LANES - 1) / LANES, embedding_task, s);
    return SM_OK;
}

static int32_t learn_part(lesson *lesson, uint64_t first_row, uint64_t rows) {
    block memory = {0};
    learner s = {.lesson = lesson, .instance = lesson->instance, .first_row = first_row, .rows = rows};
    lay_out_learner(&s, &memory);
    if (!obtain(&memory)) return SM_RESOURCE_EXHAUSTED;
    lay_out_learner(&s, &memory);
    int32_t status = learn_forward(&s);
    if (status == SM_OK) status = learn_head(&s);
    if (status == SM_OK) status = learn_backward(&s);
    free(memory.base);
    return status;
}

static int32_t learn_rows(lesson *lesson) {
    uint64_t at_once = larger(ROWS_TO_LEARN, TOKENS_TO_LEARN / lesson->length);
    int32_t status = SM_OK;
    begin_call(lesson->instance);
    lesson->loss = 0;
    for (uint64_t row = 0; row < lesson->rows && status == SM_OK; row += at_once)
        status = learn_part(lesson, row, smaller(at_once, lesson->rows - row));
    return status;
}
