/* linear.h: Y = X W^T + bias as PyTorch stores W, its derivatives, and sums of columns. */

/* Up to here W is read as it stands: packing it would cost more than it brings. */
enum { FEW_ROWS = 8, OUTPUTS_AT_ONCE = 64 };

/* Y [M, N] from X [M, K] and W [N, K]. */
typedef struct linear {
    const sm_instance *instance;
    const REAL *x, *w, *bias; /* bias [N] may be null */
    REAL *y;
    uint64_t m, n, k;
    int adds;
} linear;

INLINE REAL dot(const REAL *restrict a, const REAL *restrict b, uint64_t count) {
    vector even = {0}, odd = {0};
    uint64_t i = 0;
    for (; i + 2 * LANES <= count; i += 2 * LANES) {
        even += load(a + i, LANES) * load(b + i, LANES);
        odd += load(a + i + LANES, LANES) * load(b + i + LANES, LANES);
    }
    for (; i < count; i += LANES) even += load(a + i, count - i) * load(b + i, count - i);
    return sum_of_lanes(even + odd);
}

static void dots_task(void *argument, uint64_t index) {
    const linear *l = argument;
    uint64_t end = smaller((index + 1) * OUTPUTS_AT_ONCE, l->n);
    for (uint64_t j = index * OUTPUTS_AT_ONCE; j < end; j++)
        for (uint64_t i = 0; i < l->m; i++) {
            REAL *place = l->y + i * l->n + j;
            REAL start = l->adds ? *place : l->bias ? l->bias[j] : 0;
            *place = start + dot(l->x + i * l->k, l->w + j * l->k, l->k);
        }
}

/* For at most FEW_ROWS rows. */
static void apply_to_few(const linear *l) {
    uint64_t count = (l->n + OUTPUTS_AT_ONCE - 1) / OUTPUTS_AT_ONCE;
    if (l->n * l->k >= 1 << 19)
        run_parallel(l->instance, count, dots_task, (void *)l);
    else
        for (uint64_t i = 0; i < count; i++) dots_task((void *)l, i);
}

/* `panels` has room for packed_size(k, n). */
static int32_t apply(const linear *l, REAL *panels) {
    if (l->m <= FEW_ROWS) {
        apply_to_few(l);
        return is_cancelled(l->instance) ? SM_CANCELLED : SM_OK;
    }
    pack(l->instance, (operand){l->w, 1, l->k}, l->k, l->n, panels); /* W^T [K, N] */
    product p = {l->instance, {l->x, l->k, 1}, panels, l->y, l->n, l->m, l->n, l->k, l->bias, l->adds};
    return multiply(&p);
}

/* dX [M, K] = dY [M, N] W [N, K]. `panels` has room for packed_size(n, k). */
static int32_t apply_backward(const linear *l, const REAL *dy, REAL *dx, REAL *panels) {
    pack(l->instance, (operand){l->w, l->k, 1}, l->n, l->k, panels);
    product p = {l->instance, {dy, l->n, 1}, panels, dx, l->k, l->m, l->k, l->n, NULL, 0};
    return multiply(&p);
}

/* dW [N, K] += dY^T [N, M] X [M, K]. `panels` has room for packed_size(m, k). */
static int32_t add_weight_gradient(const linear *l, const REAL *dy, REAL *dw, REAL *panels) {
    pack(l->instance, (operand){l->x, l->k, 1}, l->m, l->k, panels);
    product p = {l->instance, {dy, 1, l->n}, panels, dw, l->k, l->n, l->k, l->m, NULL, 1};
    return multiply(&p);
}

typedef struct column_sums {
    const REAL *values; /* [M, N] */
    uint64_t m, n;
    REAL *sums; /* [N], added to */
} column_sums;

static void column_task(void *argument, uint64_t index) {
    const column_sums *c = argument;
    uint64_t left = c->n - index * LANES;
    vector sum = {0};
    for (uint64_t i = 0; i < c->m; i++) sum += load(c->values + i * c->n + index * LANES, left);
    REAL *place = c->sums + index * LANES;
    store(place, load(place, left) + sum, left);
}

/* sums[N] += the sum over the rows of values [M, N]. */
static void add_column_sums(const sm_instance *instance, const REAL *values, uint64_t m, uint64_t n, REAL *sums) {
    column_sums c = {values, m, n, sums};
    run_parallel(instance, (n + LANES - 1) / LANES, column_task, &c);
}
