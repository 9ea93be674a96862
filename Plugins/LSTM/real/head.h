/* head.h: from states to logits and nats, at chosen places only, some at a time. */

/* Places of which logits exist at the same time. */
typedef struct head {
    const sm_instance *instance;
    uint64_t room;  /* places */
    REAL *h;        /* [room, H] */
    REAL *logits;   /* [room, V] */
    double *nats;   /* [room] */
    REAL *panels;
    const REAL *states; /* [tokens, H] of which h is taken */
    const uint64_t *places;  /* [count] in states */
    const int32_t *targets;  /* [count] */
    const double *weights;   /* [count]; with them logits become their derivatives of the weighted sum of nats */
    uint64_t count;
} head;

enum { PLACES_OF_TASK = 16, LOGITS_AT_ONCE = 1 << 20 };

static uint64_t head_room(const sm_instance *instance) {
    uint64_t room = LOGITS_AT_ONCE / (uint64_t)instance->sizes.vocabulary;
    return room < 64 ? 64 : smaller(room, 1024);
}

/* Takes the buffers of a head for up to `tokens` places. */
static head take_head(const sm_instance *instance, uint64_t tokens, REAL *panels, block *memory) {
    head h = {.instance = instance, .room = smaller(tokens, head_room(instance)), .panels = panels};
    h.h = take_reals(memory, h.room * (uint64_t)instance->sizes.hidden);
    h.logits = take_reals(memory, h.room * (uint64_t)instance->sizes.vocabulary);
    h.nats = take_bytes(memory, h.room * sizeof(double));
    return h;
}

static linear head_linear(const head *d) {
    uint64_t hidden = (uint64_t)d->instance->sizes.hidden, vocabulary = (uint64_t)d->instance->sizes.vocabulary;
    const REAL *weight = d->instance->entries[head_index(d->instance)].values;
    return (linear){d->instance, d->h, weight, NULL, d->logits, d->count, vocabulary, hidden, 0};
}

/* Logits of `count` <= room places. */
static int32_t head_logits(head *d) {
    uint64_t hidden = (uint64_t)d->instance->sizes.hidden;
    for (uint64_t i = 0; i < d->count; i++)
        memcpy(d->h + i * hidden, d->states + d->places[i] * hidden, hidden * sizeof(REAL));
    linear l = head_linear(d);
    return apply(&l, d->panels);
}

/* ln of the sum of exp over logits [V]. */
static double log_sum(const REAL *logits, uint64_t vocabulary) {
    REAL largest = logits[0];
    for (uint64_t v = 1; v < vocabulary; v++) largest = logits[v] > largest ? logits[v] : largest;
    vector sum = {0};
    uint64_t v = 0;
    for (; v + LANES <= vocabulary; v += LANES) sum += exponential(load(logits + v, LANES) - largest);
    double total = (double)sum_of_lanes(sum);
    if (v < vocabulary) {
        REAL rest[LANES];
        store(rest, exponential(load(logits + v, vocabulary - v) - largest), LANES);
        for (uint64_t i = 0; i < vocabulary - v; i++) total += (double)rest[i];
    }
    return (double)largest + log(total);
}

static void nats_task(void *argument, uint64_t index) {
    const head *d = argument;
    uint64_t vocabulary = (uint64_t)d->instance->sizes.vocabulary;
    uint64_t end = smaller((index + 1) * PLACES_OF_TASK, d->count);
    for (uint64_t i = index * PLACES_OF_TASK; i < end; i++) {
        REAL *logits = d->logits + i * vocabulary;
        double normaliser = log_sum(logits, vocabulary);
        d->nats[i] = normaliser - (double)logits[d->targets[i]];
        if (!d->weights) continue;
        /* d nats / d logits = softmax - one at the target */
        REAL scale = (REAL)d->weights[i];
        for (uint64_t v = 0; v < vocabulary; v += LANES) {
            vector p = exponential(load(logits + v, vocabulary - v) - (REAL)normaliser);
            store(logits + v, scale * p, vocabulary - v);
        }
        logits[d->targets[i]] -= scale;
    }
}

/* nats of each place after head_logits; with weights the logits become derivatives. */
static void head_nats(head *d) {
    run_parallel(d->instance, (d->count + PLACES_OF_TASK - 1) / PLACES_OF_TASK, nats_task, d);
}

/* After head_nats with weights: adds to the head's gradient and writes d loss / d state of the places into dh [tokens, H]. */
static int32_t head_backward(head *d, REAL *dh) {
    uint64_t hidden = (uint64_t)d->instance->sizes.hidden;
    linear l = head_linear(d);
    int32_t status = add_weight_gradient(&l, d->logits, d->instance->entries[head_index(d->instance)].gradient, d->panels);
    if (status == SM_OK) status = apply_backward(&l, d->logits, d->h, d->panels); /* h is not needed any more */
    if (status != SM_OK) return status;
    for (uint64_t i = 0; i < d->count; i++)
        memcpy(dh + d->places[i] * hidden, d->h + i * hidden, hidden * sizeof(REAL));
    return SM_OK;
}
