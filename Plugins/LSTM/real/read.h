/* read.h: reading without learning: some rows at a time, and of these some steps at a time; the state goes along. */

enum { ROWS_TO_READ = 64, TOKENS_TO_READ = 1024 };

/* The buffers of a part of a reading: B rows, S steps. */
typedef struct reader {
    const reading *reading;
    const sm_instance *instance;
    uint64_t first_row, rows, steps; /* steps: at most */
    REAL *state;     /* [P, L, B, H] */
    REAL *embedded;  /* [S, B, D] */
    REAL *h[2];      /* [S + 1, B, H], layers by turns */
    REAL *c;         /* [S + 1, B, H] */
    REAL *gates, *recurrent;
    REAL *panels, *bias;
    uint64_t *places, *outputs; /* [S B]: where in h, and where in the batch */
    int32_t *targets;           /* [S B] */
    head head;
} reader;

static void lay_out_reader(reader *r, block *memory) {
    const configuration *sizes = &r->instance->sizes;
    uint64_t hidden = (uint64_t)sizes->hidden, gate_width = layer_of(r->instance, 0).gate_width;
    uint64_t tokens = r->steps * r->rows, states = (tokens + r->rows) * hidden;
    r->state = take_reals(memory, 2 * (uint64_t)sizes->layers * r->rows * hidden);
    r->embedded = take_reals(memory, tokens * (uint64_t)sizes->embedding);
    r->h[0] = take_reals(memory, states);
    r->h[1] = take_reals(memory, states);
    r->c = take_reals(memory, states);
    r->gates = take_reals(memory, tokens * gate_width);
    r->recurrent = r->instance->model == LSTM ? r->gates : take_reals(memory, tokens * gate_width);
    r->panels = take_reals(memory, tokens <= FEW_ROWS ? 0 : largest_panels(r->instance, 0));
    r->bias = take_reals(memory, gate_width);
    r->places = take_bytes(memory, tokens * sizeof *r->places);
    r->outputs = take_bytes(memory, tokens * sizeof *r->outputs);
    r->targets = take_bytes(memory, tokens * sizeof *r->targets);
    r->head = take_head(r->instance, tokens, r->panels, memory);
}

/* Copies a layer's part of the states of these rows between the reading's state and ours. */
static void exchange_state(const reader *r, int outwards) {
    uint64_t parts = r->instance->model == LSTM ? 2 : 1, layers = (uint64_t)r->instance->sizes.layers;
    uint64_t hidden = (uint64_t)r->instance->sizes.hidden, count = r->rows * hidden;
    REAL *all = r->reading->state;
    if (!all && !outwards) memset(r->state, 0, 2 * layers * count * sizeof(REAL));
    for (uint64_t i = 0; all && i < parts * layers; i++) {
        REAL *theirs = all + (i * r->reading->rows + r->first_row) * hidden, *ours = r->state + i * count;
        memcpy(outwards ? theirs : ours, outwards ? ours : theirs, count * sizeof(REAL));
    }
}

/* Embedding rows of steps begin ..< begin + steps. */
static void embed(const reader *r, uint64_t begin, uint64_t steps) {
    uint64_t width = (uint64_t)r->instance->sizes.embedding;
    const REAL *table = r->instance->entries[0].values;
    for (uint64_t step = 0; step < steps; step++)
        for (uint64_t row = 0; row < r->rows; row++) {
            uint64_t token = (uint64_t)r->reading->tokens[(r->first_row + row) * r->reading->length + begin + step];
            memcpy(r->embedded + (step * r->rows + row) * width, table + token * width, width * sizeof(REAL));
        }
}

/* All layers over some steps; the last one's states end in h[(L - 1) % 2]. */
static int32_t run_layers(const reader *r, uint64_t steps) {
    uint64_t layers = (uint64_t)r->instance->sizes.layers, hidden = (uint64_t)r->instance->sizes.hidden;
    uint64_t width = r->rows * hidden;
    for (uint64_t index = 0; index < layers; index++) {
        layer l = layer_of(r->instance, index);
        REAL *h_state = r->state + index * width, *c_state = r->state + (layers + index) * width;
        l.input = index == 0 ? r->embedded : r->h[(index - 1) % 2] + width;
        l.h = r->h[index % 2];
        l.c = r->c;
        l.gates = r->gates;
        l.recurrent = r->recurrent;
        memcpy(l.h, h_state, width * sizeof(REAL));
        memcpy(l.c, c_state, width * sizeof(REAL));
        pass p = {.layer = &l, .steps = steps, .rows = r->rows, .panels = r->panels, .bias = r->bias};
        int32_t status = run_layer(&p);
        if (status != SM_OK) return status;
        memcpy(h_state, l.h + steps * width, width * sizeof(REAL));
        if (is_lstm(&l)) memcpy(c_state, l.c + steps * width, width * sizeof(REAL));
    }
    return SM_OK;
}

/* Lists the places of these steps of which something is wanted, row after row. */
static uint64_t list_places(const reader *r, uint64_t begin, uint64_t steps) {
    const reading *wanted = r->reading;
    uint64_t count = 0;
    for (uint64_t row = 0; row < r->rows; row++)
        for (uint64_t step = 0; step < steps; step++) {
            uint64_t place = (r->first_row + row) * wanted->length + begin + step;
            int is_wanted = wanted->logits ? !wanted->only_last || begin + step + 1 == wanted->length
                                           : wanted->targets && wanted->targets[place] >= 0;
            if (!is_wanted) continue;
            r->places[count] = step * r->rows + row;
            r->outputs[count] = wanted->logits && wanted->only_last ? r->first_row + row : place;
            r->targets[count++] = wanted->logits ? 0 : wanted->targets[place];
        }
    return count;
}

static void write_prediction(const reader *r, uint64_t output, const REAL *logits) {
    uint64_t vocabulary = (uint64_t)r->instance->sizes.vocabulary, best = 0;
    for (uint64_t v = 1; v < vocabulary; v++)
        if (logits[v] > logits[best]) best = v;
    r->reading->symbols[output] = (int32_t)best;
    if (r->reading->log_probability)
        r->reading->log_probability[output] = (float)((double)logits[best] - log_sum(logits, vocabulary));
}

/* Writes what is wanted of the states of some steps. */
static int32_t write_results(reader *r, uint64_t begin, uint64_t steps) {
    const reading *wanted = r->reading;
    uint64_t vocabulary = (uint64_t)r->instance->sizes.vocabulary, count = list_places(r, begin, steps);
    head *h = &r->head;
    h->states = r->h[(r->instance->sizes.layers - 1) % 2] + r->rows * (uint64_t)r->instance->sizes.hidden;
    for (uint64_t first = 0; first < count; first += h->room) {
        h->places = r->places + first;
        h->targets = r->targets + first;
        h->count = smaller(h->room, count - first);
        int32_t status = head_logits(h);
        if (status != SM_OK) return status;
        if (wanted->nats) head_nats(h);
        for (uint64_t i = 0; i < h->count; i++) {
            uint64_t output = r->outputs[first + i];
            const REAL *logits = h->logits + i * vocabulary;
            if (wanted->nats) wanted->nats[output] = h->nats[i];
            if (wanted->symbols) write_prediction(r, output, logits);
            if (!wanted->logits) continue;
            for (uint64_t v = 0; v < vocabulary; v++) wanted->logits[output * vocabulary + v] = (float)logits[v];
        }
    }
    return SM_OK;
}

static int32_t read_part(const reading *wanted, uint64_t first_row, uint64_t rows) {
    block memory = {0};
    reader r = {.reading = wanted, .instance = wanted->instance, .first_row = first_row, .rows = rows};
    r.steps = smaller(wanted->length, larger(1, TOKENS_TO_READ / rows));
    lay_out_reader(&r, &memory);
    if (!obtain(&memory)) return SM_RESOURCE_EXHAUSTED;
    lay_out_reader(&r, &memory);
    exchange_state(&r, 0);
    int32_t status = SM_OK;
    for (uint64_t begin = 0; begin < wanted->length && status == SM_OK; begin += r.steps) {
        uint64_t steps = smaller(r.steps, wanted->length - begin);
        embed(&r, begin, steps);
        status = run_layers(&r, steps);
        if (status == SM_OK) status = write_results(&r, begin, steps);
    }
    if (status == SM_OK) exchange_state(&r, 1);
    free(memory.base);
    return status;
}

static int32_t read_rows(const reading *wanted) {
    int32_t status = SM_OK;
    begin_call(wanted->instance);
    for (uint64_t row = 0; row < wanted->rows && status == SM_OK; row += ROWS_TO_READ)
        status = read_part(wanted, row, smaller(ROWS_TO_READ, wanted->rows - row));
    return status;
}
